// Reads what was recorded between two moments, block by block; what cannot be read is told in sentences.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../errors.ts';
import { unpackBlock } from './block.ts';
import { type ReadTurn, readTurnLines } from './recorded-turn.ts';
import { type FilePart, readHeader, readParts } from './recording-file.ts';
import { listRecordings } from './recordings.ts';

/** UTC ms; `to` is not part of it. */
export type Span = { readonly from: number; readonly to: number };

/** @property eachMs 0: every turn was recorded; else one turn is kept of each such time. */
export type ReadPart =
  | { readonly kind: 'turns'; readonly eachMs: number; readonly turns: readonly ReadTurn[] }
  | { readonly kind: 'problem'; readonly sentence: string };

/** A file is at most a UTC day; a clock that was set meanwhile may put its turns an hour or two beside it. */
const BESIDE_MS = 26 * 3_600_000;

/** Blocks that have turns in the span, whole: some of their turns may lie before or behind it. @throws what the file system says of the folder. */
export async function* readRecordings(folder: string, span: Span): AsyncGenerator<ReadPart> {
  for (const { name, start } of await listRecordings(folder)) {
    if (start >= span.to || start + BESIDE_MS < span.from) continue;
    const bytes = await readFile(join(folder, name)).catch((error: unknown) => messageOf(error));
    if (typeof bytes === 'string') yield { kind: 'problem', sentence: `${name} cannot be read: ${bytes}` };
    else yield* readFileParts(name, bytes, span);
  }
}

export function* readFileParts(name: string, bytes: Buffer, span: Span): Generator<ReadPart> {
  const header = readHeader(bytes);
  if ('problem' in header) {
    yield { kind: 'problem', sentence: `${name} ${header.problem}` };
    return;
  }
  for (const part of readParts(bytes, header.end)) {
    if (part.kind !== 'block') yield { kind: 'problem', sentence: sentenceOf(name, part) };
    else if (part.block.toUtc >= span.from && part.block.fromUtc < span.to)
      yield { kind: 'turns', eachMs: header.facts.eachMs, turns: [...readTurnLines(unpackBlock(part.block))] };
  }
}

const sentenceOf = (name: string, { kind, start, bytes }: Exclude<FilePart, { kind: 'block' }>): string =>
  kind === 'damaged'
    ? `${name} is damaged: ${bytes} bytes from byte ${start} on are left out`
    : `${name} ends within a block: ${bytes} bytes are left out (Headgate was killed there, or is writing it now)`;
