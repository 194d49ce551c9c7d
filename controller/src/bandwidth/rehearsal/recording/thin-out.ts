// Makes one turn a minute of a recording: the first of each block, which carries what was remembered, and the first of each further minute.
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packBlock } from './block.ts';
import { readFileParts } from './read-recordings.ts';
import { createTurnLines, RECORDING_VERSION, type ReadTurn, type TurnLines } from './recorded-turn.ts';
import { headerOf, readHeader } from './recording-file.ts';
import { DRAFT, FULL, THINNED } from './recordings.ts';

const EACH_MS = 60_000;
const BLOCK_TURNS = 120;
const ALL = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Takes the place of the full one in one step. Damaged parts are left out. @throws where the file cannot be read at all. */
export async function thinOut(folder: string, name: string): Promise<void> {
  const path = join(folder, name.replace(FULL, THINNED));
  const bytes = await readFile(join(folder, name));
  const header = readHeader(bytes);
  if ('problem' in header) throw new Error(`${name} ${header.problem}`);
  const draft = `${path}${DRAFT}`;
  try {
    await using file = await open(draft, 'w', 0o600);
    await file.appendFile(headerOf({ version: RECORDING_VERSION, eachMs: EACH_MS, by: header.facts.by }));
    for (const block of thinBlocks(keptTurns(name, bytes))) await file.appendFile(await packBlock(block.text, block));
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, path);
  await rm(join(folder, name));
}

function* keptTurns(name: string, bytes: Buffer): Generator<ReadTurn> {
  let minute: number | null = null;
  let last: number | null = null;
  let kept: number | null = null;
  for (const part of readFileParts(name, bytes, ALL)) {
    for (const read of part.kind === 'turns' ? part.turns : []) {
      const { now } = read.turn.input;
      const follows = read.follows !== null && read.follows === last;
      last = now;
      if (follows && read.memory === null && Math.floor(now / EACH_MS) === minute) continue;
      minute = Math.floor(now / EACH_MS);
      yield { ...read, follows: follows ? kept : null };
      kept = now;
    }
  }
}

type Block = { readonly text: string; readonly turns: number; readonly fromUtc: number; readonly toUtc: number };

/** A block begins where a turn has its memory. */
function* thinBlocks(turns: Iterable<ReadTurn>): Generator<Block> {
  let lines: TurnLines = createTurnLines();
  let texts: string[] = [];
  let times: number[] = [];
  const block = (): Block => ({
    text: texts.join('\n'),
    turns: texts.length,
    fromUtc: Math.min(...times),
    toUtc: Math.max(...times),
  });
  for (const { turn, memory, follows } of turns) {
    const begins = memory !== null && (texts.length === 0 || texts.length >= BLOCK_TURNS || follows === null);
    if (begins && texts.length > 0) {
      yield block();
      [lines, texts, times] = [createTurnLines(), [], []];
    }
    if (!begins && texts.length === 0) continue;
    texts.push(begins ? lines.whole(turn, memory, follows) : lines.next(turn));
    times.push(turn.input.utcNow);
  }
  if (texts.length > 0) yield block();
}
