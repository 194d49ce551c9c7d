// Starts one ffmpeg and waits to be killed: `orphan.child.ts <guard> <state> <input>`. For orphan-guard.test.ts.
import { openFfmpeg } from '../../src/ffmpeg/open-ffmpeg.ts';
import type { OrphanGuard } from '../../src/ffmpeg/orphan-guard.ts';
import { runFfmpeg } from '../../src/ffmpeg/run-ffmpeg.ts';
import { silentLog } from '../../src/log.ts';
import { fileOrder, knownMedia } from './fixtures/orders.ts';

const [guard, state, from] = process.argv.slice(2);
if ((guard !== 'death-signal' && guard !== 'watch-pipe') || from === undefined) throw new Error('guard, state, input');
const { signal } = new AbortController();

if (state === 'race') {
  // Before the guard can have begun.
  runFfmpeg(['ffmpeg', '-re', '-i', from, '-f', 'null', '-'], signal, {
    guard: guard satisfies OrphanGuard,
    key: 'channels.ffmpeg',
  });
  process.kill(process.pid, 'SIGKILL');
}
const settings = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', acceleration: 'software', device: null, font: null } as const;
const { startProgramme } = openFfmpeg(settings, silentLog, guard);
const media = state === 'probing' ? null : knownMedia;
const { output } = startProgramme({ ...fileOrder({ from, media }), durationMs: 3_600_000 }, signal);
if (state === 'playing') output.resume();
// It says that it began; the test finds ffmpeg itself.
process.stdout.write('began\n');
setInterval(() => {}, 60_000);
