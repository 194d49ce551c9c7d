// Records until nothing more may be written: its parent gave it a limit for the size of files (RLIMIT_FSIZE), which a write meets as a full disk.
import { setTimeout as wait } from 'node:timers/promises';
import { startRecorder } from '../fixtures/recorder.ts';
import { turnAt } from '../fixtures/turns.ts';

const [folder = ''] = process.argv.slice(2);
const recorder = startRecorder(folder);
let second = 0;
for (; recorder.state().problem === null && second < 5_000; second += 1) {
  recorder.turn(turnAt(second));
  if (second % 60 === 0) await wait(2);
}
for (let more = 0; more < 300; more += 1) recorder.turn(turnAt(second + more));
await recorder.stop();
process.stdout.write(JSON.stringify({ second, lines: recorder.lines, state: recorder.state() }));
