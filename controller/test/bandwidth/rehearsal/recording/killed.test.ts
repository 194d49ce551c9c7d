// SIGKILL while it records: whole blocks are there, what was half written is dropped and told, and the next start records on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { readRecordings } from '../../../../src/bandwidth/rehearsal/recording/read-recordings.ts';
import { freshSeed, seededRandom } from '../../../fixtures/seeded-random.ts';
import { turnAt } from '../fixtures/turns.ts';

const CHILD = join(import.meta.dirname, 'killed.child.ts');
const KILLS = 5;
const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };

async function recordAndKill(folder: string, from: number, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, folder, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await wait(afterMs);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function readAll(folder: string) {
  const [seconds, problems]: [number[], string[]] = [[], []];
  let wrong = 0;
  for await (const part of readRecordings(folder, ALL)) {
    if (part.kind === 'problem') problems.push(part.sentence);
    else
      for (const { turn } of part.turns) {
        const second = (turn.input.now - 1_000) / 1_000;
        const { allocator: _, ...made } = turnAt(second).input;
        if (!isDeepStrictEqual(turn.input, made)) wrong += 1;
        seconds.push(second);
      }
  }
  return { seconds, problems, wrong };
}

t.test('killed at random moments, run after run', async (t) => {
  const folder = join(t.testdir(), 'recordings');
  const seed = freshSeed();
  const random = seededRandom(seed);
  for (let run = 0; run < KILLS; run += 1) await recordAndKill(folder, run * 50_000, random() * 150);
  const { seconds, problems, wrong } = await readAll(folder);
  t.equal(wrong, 0, `seed ${seed}: each turn is as it was`);
  for (let run = 0; run < KILLS; run += 1) t.ok(seconds.includes(run * 50_000), `run ${run} is there`);
  t.ok(seconds.length >= KILLS * 120);
  t.same(
    problems.filter((problem) => !problem.includes('ends within a block')),
    [],
  );

  await t.test('half a block at the end, as a power cut leaves it', async (t) => {
    const [name = ''] = (await readdir(folder)).sort();
    const path = join(folder, name);
    const { length } = await readFile(path);
    await truncate(path, length - 7);
    const cut = await readAll(folder);
    t.equal(cut.wrong, 0);
    t.ok(cut.seconds.length < seconds.length && cut.seconds.length > 0);
    t.ok(cut.problems.some((problem) => problem.startsWith(`${name} ends within a block`)));
    await writeFile(path, '');
    t.ok((await readAll(folder)).problems.includes(`${name} is no recording, or its beginning is damaged`));
  });
});
