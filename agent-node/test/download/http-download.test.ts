// Files over HTTP from a real server: in ranges, resumed, checked, limited, and never waiting for ever.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@headgate/agent-router/agent-ground';
import t from 'tap';
import { makeCertificate } from '../../../controller/test/http-client/make-certificate.ts';
import { CHUNK_BYTES } from '../../src/download/chunk-table.ts';
import { createHttpDownload, type FileOrder } from '../../src/download/http-download.ts';
import { createRateGate } from '../../src/download/rate-gate.ts';
import { createHasher } from '../../src/library/hasher.ts';
import { bytesOf, type ShareServer, sha256Of, startShareServer } from '../share-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-download-'));
const hasher = createHasher();
const gate = createRateGate(systemClock);
const download = createHttpDownload({ ca: undefined, hasher, gate });
t.teardown(async () => {
  await hasher[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
const never = new AbortController().signal;
const film = bytesOf(12 * CHUNK_BYTES + 12_345);
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
  const asked = server.asked.map(
    ({ headers }) =>
      /(\d+)-(\d+)/
        .exec(headers.range ?? '')
        ?.slice(1)
        .map(Number) ?? [],
  );
  t.ok(asked.length >= 4, 'each connection had some of it');
  let next = 0;
  for (const [from, to = 0] of asked.toSorted(([a = 0], [b = 0]) => a - b)) {
    t.equal(from, next);
    next = to + 1;
  }
  t.equal(next, film.length, 'and nothing twice');
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
  let answered = 0;
  server.intercept = (_, response) => {
    answered += 1;
    if (answered <= 2) return false;
    response.writeHead(503).end();
    return true;
  };
  const one = order(server, { connections: 1 });
  await t.rejects(download(one, never), { code: 'unreachable', message: /503/ });
  const had = server.asked.slice(0, 2).map(({ headers }) => headers.range);
  server.intercept = () => false;
  server.asked.splice(0);
  await download(one, never);
  t.ok(
    server.asked.length > 0 && server.asked.every(({ headers }) => !had.includes(headers.range)),
    'what was there was not asked for',
  );
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
  const answerOf = (change: (length: number) => Readonly<Record<string, string>>) => {
    server.intercept = ({ headers }, response) => {
      const [range = '', from, to] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
      const length = Number(to) - Number(from) + 1;
      response
        .writeHead(206, { 'content-range': `bytes ${range}/${film.length}`, ...change(length) })
        .end(Buffer.alloc(length + 9));
      return true;
    };
    return download(order(server, { connections: 1 }), never);
  };
  await t.rejects(
    answerOf((length) => ({ 'content-length': `${length + 9}` })),
    { code: 'bad_answer', message: /more than was asked for/ },
  );
  await t.rejects(
    answerOf(() => ({ 'content-length': '5' })),
    { code: 'bad_answer', message: /less than was asked for/ },
  );
  await t.rejects(
    answerOf(() => ({ 'transfer-encoding': 'chunked' })),
    { code: 'bad_answer', message: /does not say how long/ },
  );
});

t.test('an answer that is no HTTP, has no end, or sends after its end is told; what comes before it is passed by', async (t) => {
  await using stack = new AsyncDisposableStack();
  const rangeOf = (asked: string): readonly [number, number] => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(asked) ?? [];
    return [Number(from), Number(to)];
  };
  let answer = (_socket: Socket, _from: number, _to: number): void => {};
  const raw = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (asked) => answer(socket, ...rangeOf(String(asked))));
  }).listen(0, '127.0.0.1');
  await once(raw, 'listening');
  stack.defer(() => void raw.close());
  const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/x`;
  await using server = await startShareServer();
  const get = () => download(order(server, { url, connections: 1 }), never);
  const head = (from: number, to: number): string =>
    `HTTP/1.1 206 Partial\r\nContent-Length: ${to - from + 1}\r\ncontent-range:bytes ${from}-${to}/${film.length}\r\n\r\n`;
  for (const [said, fault] of [
    ['SSH-2.0-x\r\n\r\n', /does not speak HTTP/],
    [`HTTP/1.1 206 x\r\n${'a: b\r\n'.repeat(5_000)}`, /head without an end/],
    ['HTTP/1.1 206 x\r\ncontent-length: 1\r\nContent-Length: 2\r\n\r\n', /content-length twice/],
    ['HTTP/1.1 206 x\r\nno header\r\n\r\n', /header that is none/],
  ] as const) {
    answer = (socket) => void socket.write(said);
    await t.rejects(get(), { code: 'bad_answer', message: fault });
  }
  answer = (socket, from, to) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
    // In pieces of any size, and each connection for one answer only: with more after its end, or closed.
    const whole = Buffer.concat([
      Buffer.from(head(from, to)),
      film.subarray(from, to + 1),
      Buffer.from(from === 0 ? 'more' : ''),
    ]);
    for (let at = 0; at < whole.length; at += 100_001) socket.write(whole.subarray(at, at + 100_001));
    if (from > 0) socket.end();
  };
  const one = order(server, { url, connections: 2 });
  await download(one, never);
  t.ok(readFileSync(one.part).equals(film));
});

t.test('over TLS, with a CA of one’s own and no other', async (t) => {
  const { key, cert } = await makeCertificate();
  const secure = createSecureServer({ key, cert }, ({ headers }, response) => {
    const [, from, to] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
    const part = film.subarray(Number(from), Number(to) + 1);
    response.writeHead(206, { 'content-length': part.length, 'content-range': `bytes ${from}-${to}/${film.length}` }).end(part);
  }).listen(0, '127.0.0.1');
  await once(secure, 'listening');
  t.teardown(() => secure.close());
  await using server = await startShareServer();
  const one = order(server, { url: `https://127.0.0.1:${(secure.address() as AddressInfo).port}/x` });
  await t.rejects(download(one, never), { code: 'unreachable', message: /certificate/ });
  await createHttpDownload({ ca: cert, hasher, gate })(one, never);
  t.ok(readFileSync(one.part).equals(film));
});

t.test('a source that falls silent is left after a while', async (t) => {
  await using server = await startShareServer();
  server.intercept = ({ headers }, response) => {
    const [range = '', from, to] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
    const length = Number(to) - Number(from) + 1;
    response.writeHead(206, { 'content-range': `bytes ${range}/${film.length}`, 'content-length': length });
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

t.test('what comes from this site is neither limited nor counted for the uplink; a pause holds for it as well', async (t) => {
  await using server = await startShareServer();
  server.share('abc/film.mkv', film);
  const home = createRateGate(systemClock, (address) => address === '127.0.0.1');
  home.limit(0);
  home.pause(true);
  let bytes = 0;
  const running = createHttpDownload({ ca: undefined, hasher, gate: home })(
    order(server, { onProgress: (done) => (bytes = done) }),
    never,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.ok(bytes < film.length, `${bytes}`);
  home.pause(false);
  await running;
  t.equal(home.awayBps(), 0);
  const away = createRateGate(systemClock);
  await createHttpDownload({ ca: undefined, hasher, gate: away })(order(server), never);
  t.ok(away.awayBps() > 0);
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
