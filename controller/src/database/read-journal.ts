// Reads a journal's bytes back into records: what verifies, where it ends, and what is wrong with it.
import type { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import {
  decodeJournalHeader,
  decodeRecordHeader,
  type JournalHeader,
  journalHeaderBytes,
  recordHeaderBytes,
  recordMagic,
} from './journal-record.ts';

/** One record whose checksums are right. */
export type JournalRecord = { readonly sequence: number; readonly payload: Buffer };

export type JournalContent = {
  /** null: the file's first bytes are no sound header. */
  readonly header: JournalHeader | null;
  readonly records: readonly JournalRecord[];
  /** Bytes up to which the file is whole: what follows is an incomplete last record, to be cut off. */
  readonly end: number;
  /** Bytes after `end` that a write cut short has left. */
  readonly incompleteBytes: number;
  /** Where bytes do not verify although they are no write cut short. Empty in a sound file. */
  readonly damagedAt: readonly number[];
};

/** `bytes`: the whole file. Never throws: what does not verify is told. */
export function readJournal(bytes: Buffer): JournalContent {
  const header = decodeJournalHeader(bytes);
  const records: JournalRecord[] = [];
  const damagedAt: number[] = [];
  // A header shorter than itself is a file whose making was cut short; anything else at its place is damage.
  if (header === null && (bytes.length < journalHeaderBytes || isZero(bytes))) {
    return { header, records, end: 0, incompleteBytes: bytes.length, damagedAt };
  }
  if (header === null) damagedAt.push(0);
  let at = journalHeaderBytes;
  while (at < bytes.length) {
    const found = decodeRecordHeader(bytes, at);
    const end = at + recordHeaderBytes + (found?.length ?? 0);
    const payload = found === null || end > bytes.length ? null : bytes.subarray(at + recordHeaderBytes, end);
    if (found !== null && payload !== null && crc32(payload) === found.payloadCrc) {
      records.push({ sequence: found.sequence, payload });
      at = end;
      continue;
    }
    if (isCutShort(bytes, at)) return { header, records, end: at, incompleteBytes: bytes.length - at, damagedAt };
    damagedAt.push(at);
    const next = bytes.indexOf(recordMagic, at + 1);
    at = next === -1 ? bytes.length : next;
  }
  return { header, records, end: at, incompleteBytes: 0, damagedAt };
}

/**
 * True where a crash or power cut ended the last write: less than a header is there; or a sound header whose payload goes past the
 * file's end; or zeros to the end (some file systems grow a file before its data reaches the disk).
 */
function isCutShort(bytes: Buffer, at: number): boolean {
  if (bytes.length - at < recordHeaderBytes) return true;
  const header = decodeRecordHeader(bytes, at);
  if (header !== null) return at + recordHeaderBytes + header.length > bytes.length;
  return isZero(bytes.subarray(at));
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);
