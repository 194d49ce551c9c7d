// Records hours of turns as fast as the disk takes them, until it is killed. Says `on` when its first block stands.
import { setTimeout as wait } from 'node:timers/promises';
import { listRecordings } from '../../../../src/bandwidth/rehearsal/recording/recordings.ts';
import { startRecorder } from '../fixtures/recorder.ts';
import { turnAt } from '../fixtures/turns.ts';

const [folder = '', from = '0'] = process.argv.slice(2);
const bytesOfAll = async (): Promise<number> => (await listRecordings(folder)).reduce((sum, { bytes }) => sum + bytes, 0);
/** A header has less than 100 bytes. */
const enough = (await bytesOfAll()) + 1_000;
const recorder = startRecorder(folder);
let said = false;
for (let second = Number(from); ; second += 1) {
  recorder.turn(turnAt(second));
  if (second % 120 !== 0) continue;
  await wait(1);
  if (said || (await bytesOfAll()) < enough) continue;
  said = true;
  process.stdout.write('on\n');
}
