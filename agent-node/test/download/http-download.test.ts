// Files over HTTP from a real server: in ranges, resumed, checked, limited, and never waiting for ever.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@headgate/agent-router/agent-ground';
import t from 'tap';
import { CHUNK_BYTES } from '../../src/download/chunk-table.ts';
import { createHttpDownload, type FileOrder } from '../../src/download/http-download.ts';
import { createRateGate } from '../../src/download/rate-gate.ts';
import { openAgents } from '../../src/http.ts';
import { createHasher } from '../../src/library/hasher.ts';
import { bytesOf, type ShareServer, sha256Of, startShareServer } from '../share-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-download-'));
const agents = openAgents(undefined);
const hasher = createHasher();
const gate = createRateGate(systemClock);
const download = createHttpDownload({ agents, hasher, gate });
t.teardown(async () => {
  agents.http.destroy();
  await hasher[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
const never = new AbortController().signal;
const film = bytesOf(3 * CHUNK_BYTES + 12_345);
let count = 0;
function order(server: ShareServer, change: Partial<FileOrder> = {}): FileOrder {
  count += 1;
  return {
    url: `${server.url}/web-seed/abc/film.mkv`,
    headers: { authorization: `Bearer ${server.token}` },
    size: film.length,
    sha256: sha256Of(film),
    part: join(folder, `${count}`, 'f0'),
    connections: 4,
    stallMs: 5_000,
    onProgress: () => {},
    onWhole: () => {},
    ...change,
  };
}

t.test('a file comes in ranges over several connections, in its place and verified', async (t) => {
  await using server = await startShareServer();
  server.share('abc/film.mkv', film);
  const seen: number[] = [];
  const one = order(server, { onProgress: (bytes) => seen.push(bytes) });
  await download(one, never);
  t.ok(readFileSync(one.part).equals(film));
  t.equal(seen.at(-1), film.length);
  t.same(server.asked.map(({ headers }) => headers.range).sort(), [
    'bytes=0-4194303',
    'bytes=12582912-12595256',
    'bytes=4194304-8388607',
    'bytes=8388608-12582911',
  ]);
});

t.test('an empty file and a small one', async (t) => {
  await using server = await startShareServer();
  for (const bytes of [Buffer.alloc(0), Buffer.from('x')]) {
    server.share('abc/film.mkv', bytes);
    const one = order(server, { size: bytes.length, sha256: sha256Of(bytes) });
    await download(one, never);
    t.ok(readFileSync(one.part).equals(bytes));
  }
});

t.test('what has come is not asked for again after a break; the whole is verified all the same', async (t) => {
  await using server = await startShareServer();
  server.share('abc/film.mkv', film);
  server.intercept = ({ headers }, response) => {
    if (headers.range?.startsWith('bytes=0-') || headers.range?.startsWith('bytes=4194304-')) return false;
    response.writeHead(503).end();
    return true;
  };
  const one = order(server, { connections: 1 });
  await t.rejects(download(one, never), { code: 'unreachable', message: /503/ });
  server.intercept = () => false;
  server.asked.splice(0);
  await download(one, never);
  t.equal(server.asked.length, 2, 'two of four chunks were there');
  t.ok(readFileSync(one.part).equals(film));
});

t.test('what is remembered of other bytes, or of a file that is gone, counts for nothing', async (t) => {
  await using server = await startShareServer();
  server.share('abc/film.mkv', film);
  const one = order(server);
  await download(one, never);
  writeFileSync(one.part, 'short');
  await download(one, never);
  t.ok(readFileSync(one.part).equals(film));
  writeFileSync(`${one.part}.have`, '{"size":1e999,"done":"zz"}');
  await download(one, never);
  t.ok(readFileSync(one.part).equals(film));
});

t.test('row 211: wrong bytes are told with both sums', async (t) => {
  await using server = await startShareServer();
  const wrong = Buffer.from(film);
  wrong[5_000_000] = (wrong[5_000_000] ?? 0) ^ 1;
  server.share('abc/film.mkv', wrong);
  await t.rejects(download(order(server), never), { code: 'bytes_wrong', message: new RegExp(sha256Of(wrong)) });
});

t.test('a source with another size, without ranges, that says no or has nothing is told', async (t) => {
  await using server = await startShareServer();
  server.share('abc/film.mkv', film.subarray(0, 5_000_000));
  await t.rejects(download(order(server), never), { code: 'bad_answer', message: /another size/ });
  const answers = [
    [401, {}, 'refused'],
    [404, {}, 'not_found'],
    [200, { 'content-length': '3' }, 'bad_answer'],
    [206, { 'content-range': 'bytes 5-9/12595257' }, 'bad_answer'],
    [302, { location: 'http://127.0.0.1:1/' }, 'bad_answer'],
  ] as const;
  for (const [status, headers, code] of answers) {
    server.intercept = (_, response) => {
      response.writeHead(status, headers).end('abc');
      return true;
    };
    await t.rejects(download(order(server), never), { code }, `${status}`);
  }
  server.intercept = ({ headers }, response) => {
    const from = /(\d+)-(\d+)/.exec(headers.range ?? '');
    response.writeHead(206, { 'content-range': `bytes ${from?.[0]}/${film.length}` }).end(Buffer.alloc(CHUNK_BYTES + 9));
    return true;
  };
  await t.rejects(download(order(server, { connections: 1 }), never), { code: 'bad_answer', message: /more than was asked for/ });
});

t.test('a source that falls silent is left after a while', async (t) => {
  await using server = await startShareServer();
  server.intercept = (_, response) => {
    response.writeHead(206, { 'content-range': `bytes 0-4194303/${film.length}` });
    response.write('abc');
    return true;
  };
  await t.rejects(download(order(server, { stallMs: 200, connections: 1 }), never), {
    code: 'timeout',
    message: /sent nothing for 0.2 s/,
  });
});

t.test('a signal ends it at once, and the next call goes on', async (t) => {
  await using server = await startShareServer();
  server.share('abc/film.mkv', film);
  server.bytesPerSecond = 2_000_000;
  const stopping = new AbortController();
  const one = order(server, { onProgress: (bytes) => bytes > 2_000_000 && stopping.abort() });
  await t.rejects(download(one, stopping.signal), { name: 'AbortError' });
  server.bytesPerSecond = null;
  await download(order(server, { part: one.part }), never);
  t.ok(readFileSync(one.part).equals(film));
});

t.test('a limit holds over all connections, 0 lets nothing through, and it can be lifted in between', async (t) => {
  await using server = await startShareServer();
  server.share('abc/film.mkv', film);
  gate.limit(8 * 4_000_000);
  let bytes = 0;
  const since = performance.now();
  const running = download(order(server, { onProgress: (done) => (bytes = done) }), never);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const seconds = (performance.now() - since) / 1000;
  // 1 MiB of each of four connections may be gathered and not yet counted.
  t.ok(bytes <= 4_000_000 * (seconds + 0.5), `${bytes} bytes in ${seconds} s`);
  gate.limit(0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const stood = bytes;
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.equal(bytes, stood);
  gate.limit(null);
  await running;
  t.equal(bytes, film.length);
});
