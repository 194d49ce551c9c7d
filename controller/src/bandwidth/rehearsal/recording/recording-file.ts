// A recording as a file: one line that says what it is, then blocks one after another. What is damaged or unfinished is told and passed over.
import { crc32 } from 'node:zlib';
import { blockAt, type FoundBlock, nextBlock } from './block.ts';
import { RECORDING_VERSION } from './recorded-turn.ts';

/** @property eachMs 0: every turn; else one turn is kept of each such time. @property by the Headgate that recorded */
export type RecordingFacts = { readonly version: number; readonly eachMs: number; readonly by: string };

const FIRST = 'headgate recording ';
const MOST_HEADER_BYTES = 1_024;

export function headerOf({ version, eachMs, by }: RecordingFacts): Buffer {
  const text = `${FIRST}${JSON.stringify({ version, each_ms: eachMs, by })} `;
  return Buffer.from(`${text}${checksum(text)}\n`, 'utf8');
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

type WrittenHeader = { readonly version: number; readonly each_ms: number; readonly by: string };

/** `end`: where the first block begins. `problem`: a sentence. */
export type ReadHeader = { readonly facts: RecordingFacts; readonly end: number } | { readonly problem: string };

export function readHeader(bytes: Buffer): ReadHeader {
  const end = bytes.subarray(0, MOST_HEADER_BYTES).indexOf('\n') + 1;
  const line = bytes.subarray(0, end).toString('utf8');
  const text = line.slice(0, -9);
  if (!line.startsWith(FIRST)) return { problem: 'is no recording, or its beginning is damaged' };
  if (checksum(text) !== line.slice(-9, -1)) return { problem: 'its first line is damaged' };
  const { version, each_ms: eachMs, by } = JSON.parse(text.slice(FIRST.length)) as WrittenHeader;
  if (version !== RECORDING_VERSION)
    return {
      problem: `was recorded by Headgate ${String(by)} in form ${String(version)}, and this Headgate reads form ${RECORDING_VERSION}: it cannot be replayed`,
    };
  return { facts: { version, eachMs, by }, end };
}

/** `damaged`: bytes that are no block, between two. `unfinished`: bytes behind the last block. */
export type FilePart =
  | { readonly kind: 'block'; readonly block: FoundBlock }
  | { readonly kind: 'damaged' | 'unfinished'; readonly start: number; readonly bytes: number };

export function* readParts(bytes: Buffer, start: number): Generator<FilePart> {
  for (let at = start; at < bytes.length; ) {
    const block = blockAt(bytes, at) ?? nextBlock(bytes, at + 1);
    const end = block?.start ?? bytes.length;
    if (end > at) yield { kind: block === null ? 'unfinished' : 'damaged', start: at, bytes: end - at };
    if (block !== null) yield { kind: 'block', block };
    at = block?.end ?? bytes.length;
  }
}
