// A process of ffmpeg: its noise, its ends, and a program that is not there.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { detectOrphanGuard } from '../../src/ffmpeg/orphan-guard.ts';
import { runFfmpeg } from '../../src/ffmpeg/run-ffmpeg.ts';

const folder = t.testdir({});
const never = new AbortController().signal;
const guards = detectOrphanGuard() === 'death-signal' ? (['death-signal', 'watch-pipe'] as const) : (['watch-pipe'] as const);

/** A program that stands where ffmpeg stands: what matters here is how it behaves, not what it encodes. */
function program(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

for (const guard of guards) {
  const options = { guard, key: 'channels.ffmpeg' };

  t.test(`row 138: megabytes on stderr stall nothing, the last words are kept without secrets, by ${guard}`, async (t) => {
    const noisy = program(
      'noisy',
      'yes "a line of noise that nobody needs" | head -c 3000000 >&2; echo out; echo "http://u:p@h/x?api_key=k3y: Server error" >&2; exit 3',
    );
    const { output, ended } = runFfmpeg([noisy], never, options);
    const chunks: Buffer[] = [];
    for await (const chunk of output) chunks.push(chunk);
    t.equal(Buffer.concat(chunks).toString(), 'out\n');
    const { code, problem, said } = await ended;
    t.equal(code, 3);
    t.match(problem, /ended with code 3: .*http:\/\/h\/x\?….*Server error/u);
    t.notMatch(problem, /k3y|u:p/u);
    t.ok(said.length <= 6);
  });

  t.test(`a program that is not there, or none, is a problem that names the key, by ${guard}`, async (t) => {
    const none = join(folder, 'none');
    writeFileSync(none, 'no program', { mode: 0o644 });
    for (const path of ['/nowhere/ffmpeg', none]) {
      const { output, ended } = runFfmpeg([path, '-version'], never, options);
      output.resume();
      t.match(await ended, { problem: /check channels\.ffmpeg in the configuration/u });
    }
  });

  t.test(`the signal kills what hangs, with its children, by ${guard}`, async (t) => {
    const controller = new AbortController();
    const { output, ended } = runFfmpeg(
      [program('hangs', 'trap "" TERM INT; echo began; sleep 1000 & wait')],
      controller.signal,
      options,
    );
    const closed = new Promise<void>((resolve) => output.once('close', resolve));
    output.once('data', () => controller.abort());
    t.match(await ended, { problem: null });
    await closed;
  });

  t.test(`one that is killed by somebody else is a problem, by ${guard}`, async (t) => {
    const { output, ended } = runFfmpeg([program('dies', 'kill -9 $$')], never, options);
    output.resume();
    t.match(await ended, { problem: /dies (was ended by SIGKILL|ended with code 137)/u });
  });
}
