// The log as the program has it: levels per part, formats, secrets, a reader that stalls or goes away.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import t from 'tap';
import { createLog, type LogOptions } from '../../src/logging/create-log.ts';

function collect(): { out: Writable; lines: () => { text: string; [key: string]: unknown }[]; raw: () => string } {
  const chunks: string[] = [];
  const out = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  const raw = () => chunks.join('');
  return {
    out,
    raw,
    lines: () =>
      raw()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}
const options = (out: Writable, more: Partial<LogOptions> = {}): LogOptions => ({
  level: 'info',
  format: 'json',
  out,
  now: () => 0,
  ...more,
});

t.test('a level holds for all parts but those that have their own', async (t) => {
  const { out, lines } = collect();
  await using output = createLog(options(out, { level: 'warn', parts: { jellyfin: 'debug', broker: 'error' } }));
  for (const part of ['jellyfin', 'broker', 'bandwidth']) {
    const log = output.log.child({ part });
    log.debug({}, 'debug');
    log.info({}, 'info');
    log.warn({}, 'warn');
    log.error({}, 'error');
  }
  t.same(
    lines().map((line) => `${line['part']} ${line.text}`),
    ['jellyfin debug', 'jellyfin info', 'jellyfin warn', 'jellyfin error', 'broker error', 'bandwidth warn', 'bandwidth error'],
  );
});

t.test('lines are filtered by their part', async (t) => {
  const { out, lines } = collect();
  await using output = createLog(options(out));
  const parts = ['router', 'jellyfin', 'bandwidth', 'network'];
  for (const part of parts) output.log.child({ part }).child({ user: 'anna' }).info({ n: 1 }, `from ${part}`);
  for (const part of parts)
    t.same(
      lines()
        .filter((line) => line['part'] === part)
        .map((line) => line.text),
      [`from ${part}`],
    );
  t.match(lines()[0], { user: 'anna', n: 1 });
});

t.test('a terminal gets pretty lines, everything else JSON, and the file always JSON', async (t) => {
  const path = join(t.testdir(), 'h.log');
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  {
    await using output = createLog(
      options(terminal, { format: 'auto', file: { path, maxBytes: 10_000, backups: 1, retentionDays: 1 } }),
    );
    output.log.info({ n: 1 }, 'hello');
  }
  t.equal(String(terminal.read()), '00:00:00 info   hello  n=1\n');
  t.match(JSON.parse(readFileSync(path, 'utf8')), { text: 'hello', n: 1 });
  const { out, lines } = collect();
  await using plain = createLog(options(out, { format: 'auto' }));
  plain.log.info({}, 'x');
  t.match(lines(), [{ text: 'x' }]);
});

t.test('secrets from the configuration and later ones are masked everywhere', async (t) => {
  const { out, raw } = collect();
  await using output = createLog(options(out, { secrets: ['first-secret'] }));
  output.addSecret('later-secret');
  output.log.warn({ url: 'http://x/first-secret', error: new Error('bad later-secret') }, 'first-secret later-secret');
  t.notMatch(raw(), /first-secret|later-secret/);
  t.match(raw(), /\*\*\*/);
});

t.test('a log file that cannot be written stops the start', async (t) => {
  const { out } = collect();
  t.throws(() => createLog(options(out, { file: { path: '/proc/nope', maxBytes: 1, backups: 1, retentionDays: 1 } })), {
    code: 'config_invalid',
  });
});

t.test('a stalled reader costs lines, not memory, and they are counted', async (t) => {
  let release = (): void => {};
  const chunks: string[] = [];
  const out = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      if (chunks.length === 1) release = () => done();
      else done();
    },
  });
  await using output = createLog(options(out));
  for (let n = 0; n < 5_000; n++) output.log.info({ n, fill: 'x'.repeat(1_000) }, 'line');
  t.ok(out.writableLength < 1_200_000, `${out.writableLength} bytes wait`);
  release();
  output.log.info({}, 'after');
  t.match(chunks.join(''), /"text":"log lines lost","dropped":[34]\d{3}\}/);
  t.match(chunks.at(-1), /after/);
});

t.test('a reader of standard output that goes away does not end the program', async (t) => {
  const source = new URL('../../src/logging/create-log.ts', import.meta.url).href;
  const program = `
    import { createLog } from ${JSON.stringify(source)};
    await using output = createLog({ level: 'info', format: 'json', out: process.stdout, now: () => 0 });
    for (let n = 0; n < 200; n++) { output.log.info({ n, fill: 'x'.repeat(2000) }, 'line'); await new Promise((r) => setTimeout(r, 2)); }
    process.stderr.write('still here');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.stdout.destroy());
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  t.equal(errors, 'still here');
  t.equal(code, 0);
});
