// What the recording does when the disk does not, and when turns come in a storm. Ruling never hears of it.
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { readRecordings } from '../../../../src/bandwidth/rehearsal/recording/read-recordings.ts';
import type { ReadTurn } from '../../../../src/bandwidth/rehearsal/recording/recorded-turn.ts';
import { startRecorder } from '../fixtures/recorder.ts';
import { turnAt } from '../fixtures/turns.ts';

const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };

async function readAll(folder: string): Promise<{ readonly turns: readonly ReadTurn[]; readonly problems: readonly string[] }> {
  const turns: ReadTurn[] = [];
  const problems: string[] = [];
  for await (const part of readRecordings(folder, ALL)) {
    if (part.kind === 'turns') turns.push(...part.turns);
    else problems.push(part.sentence);
  }
  return { turns, problems };
}

/** Until the recorder has no problem, or has one. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !holds(); tries += 1) await wait(10);
  if (!holds()) throw new Error('it did not come to that');
}

t.test('each turn is in a file that its owner alone reads, in a folder of his', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  const recorder = startRecorder(folder);
  for (let second = 0; second < 300; second += 1) recorder.turn(turnAt(second));
  await recorder.stop();
  const { turns, problems } = await readAll(folder);
  t.equal(turns.length, 300);
  t.same(problems, []);
  t.same(recorder.lines, []);
  const [name = ''] = await readdir(folder);
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  t.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
  t.match(recorder.state(), { problem: null, turns: 300, leftOut: 0 });
});

t.test('a folder that cannot be written: one line, a problem that is shown, and it goes on when it can', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  await writeFile(folder, 'a file stands in the way');
  const recorder = startRecorder(folder);
  for (let second = 0; second < 125; second += 1) recorder.turn(turnAt(second));
  await until(() => recorder.state().problem !== null);
  t.match(recorder.state().problem, /^Nothing is recorded for rehearsals: E/);
  for (let second = 125; second < 400; second += 1) recorder.turn(turnAt(second));
  await wait(50);
  const about = recorder.lines.filter((line) => line.startsWith('nothing is recorded'));
  t.equal(about.length, 1, 'it is not tried again at each block');

  await rm(folder);
  recorder.steady = 700_000;
  for (let second = 700; second < 900; second += 1) recorder.turn(turnAt(second));
  await until(() => recorder.state().problem === null);
  await recorder.stop();
  t.equal(recorder.lines.filter((line) => line.endsWith('recorded for rehearsals again')).length, 1);
  const { turns } = await readAll(folder);
  t.equal(turns[0]?.turn.input.now, turnAt(700).input.now);
  t.not(turns[0]?.memory, null, 'what was remembered is there where it goes on');
});

t.test('a full disk: one line, a problem, and what was written before stays readable', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  await mkdir(folder);
  const child = join(import.meta.dirname, 'full-disk.child.ts');
  // Units of 1 KiB; SIGXFSZ is ignored by Node, so that the write fails with EFBIG.
  const { stdout } = await promisify(execFile)('bash', ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, child, folder]);
  const { second, lines, state } = JSON.parse(stdout);
  t.match(state.problem, /^Nothing is recorded for rehearsals: E(FBIG|NOSPC)/);
  t.equal(lines.filter((line: string) => line.startsWith('nothing is recorded')).length, 1);
  t.ok(state.leftOut > 0);
  const { turns, problems } = await readAll(folder);
  t.ok(turns.length > 200 && turns.length < second, `${turns.length} of ${second} turns`);
  t.match(problems, [/ends within a block/]);
});

t.test('a storm of events: four turns a second in the mean are recorded, the others are counted and told', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  const recorder = startRecorder(folder);
  const seconds = 60;
  for (let turn = 0; turn < seconds * 40; turn += 1) recorder.turn(turnAt(turn / 40));
  for (let second = seconds; second < seconds + 60; second += 1) recorder.turn(turnAt(second));
  await recorder.stop();
  const { turns } = await readAll(folder);
  const told = turns.reduce((sum, { turn }) => sum + turn.leftOut, 0);
  t.equal(turns.length + told, seconds * 40 + 60, 'none is lost without a word');
  t.ok(turns.length < 240 + 4 * (seconds + 60), `${turns.length} turns`);
  t.equal(recorder.state().leftOut, told);
});

t.test('what is no plain value stops the recording, and is said', async (t) => {
  const recorder = startRecorder(join(t.testdir(), 'recordings'));
  const taken = turnAt(1);
  const strange = { ...taken, input: { ...taken.input, serverLost: (() => true) as unknown as boolean } };
  t.doesNotThrow(() => recorder.turn(strange));
  t.match(recorder.state().problem, /cannot be recorded: a function/);
  await recorder.stop();
});
