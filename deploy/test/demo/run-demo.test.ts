// `npm run demo` for machines: it ends by itself, with everything put back and every figure in its report.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';

const DEMO = join(import.meta.dirname, '../../demo/run-demo.ts');

async function demo(t: Test, seconds: number, path = process.env['PATH']) {
  const file = join(t.testdir(), 'report.json');
  const words = [DEMO, '--for', String(seconds), '--torrents', 'simulator', '--report', file];
  const child = spawn(process.execPath, words, { env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], said, errors] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  t.equal(code, 0, said + errors);
  return { said, report: JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>> };
}

const KEYS = [
  ...['start_ms', 'streams_started', 'cap_latency_ms', 'caps_applied', 'originals_restored', 'originals', 'telemetry_messages'],
  ...['ha_entities', 'channels', 'tune_in_ms', 'channel_gap_ms', 'live_tv_registered'],
];

t.test('the demo makes a channel, registers it, and tells where to watch it', async (t) => {
  const { said, report } = await demo(t, 6);
  t.same(Object.keys(report), KEYS);
  t.match(report, { channels: 1, live_tv_registered: true });
  t.match(said, /^ {2}vlc http:\/\/127\.0\.0\.1:\d+\/live\/[\w-]+\/1\.ts$/m);
  t.match(said, /^ {2}guide http:\/\/127\.0\.0\.1:\d+\/live\/[\w-]+\/guide\.xml$/m);
  t.notMatch(said, 'did not begin');
});

t.test('without ffmpeg it says so in a sentence and runs without television', async (t) => {
  const without = [join(process.execPath, '..')].join(delimiter);
  const { said, report } = await demo(t, 1, without);
  t.match(said, /^Without television: there is no ffmpeg on this machine/m);
  t.match(report, { channels: 0, tune_in_ms: null, channel_gap_ms: null, live_tv_registered: false });
});
