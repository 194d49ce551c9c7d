// The journal's bytes: a file header and records, each with a checksum over its header and one over its payload.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { SqlValue } from './sqlite-engine.ts';

/** One statement as it ran; `changes` is held against what replaying it does. */
export type JournaledStatement = { readonly sql: string; readonly parameters: readonly SqlValue[]; readonly changes: number };

/** `firstSequence` is that of the first record that this file may hold; sequences go on by one from file to file. */
export type JournalHeader = { readonly generation: number; readonly firstSequence: number };

export type RecordHeader = { readonly length: number; readonly sequence: number; readonly payloadCrc: number };

const fileMagic = Buffer.from('HEADGATE');
export const journalHeaderBytes = 28;
export const recordHeaderBytes = 24;
/** Bytes that no UTF-8 text holds, so that a search for the next record does not stop inside a payload. */
export const recordMagic = Buffer.from([0xf5, 0x48, 0x47, 0xf7]);
/** Bounds one transaction, so that a damaged or hostile length never asks for gigabytes. */
export const maxPayloadBytes = 64 * 2 ** 20;

/** Header layout: magic 8, version u32, generation u32, first sequence u64, crc32 of the 24 bytes before. Little endian. */
export function encodeJournalHeader(header: JournalHeader): Buffer {
  const bytes = Buffer.alloc(journalHeaderBytes);
  fileMagic.copy(bytes);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(header.generation, 12);
  bytes.writeBigUInt64LE(BigInt(header.firstSequence), 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
  return bytes;
}

/** null: not a whole, sound header of a version that we know. */
export function decodeJournalHeader(bytes: Buffer): JournalHeader | null {
  if (bytes.length < journalHeaderBytes || !bytes.subarray(0, 8).equals(fileMagic)) return null;
  if (bytes.readUInt32LE(24) !== crc32(bytes.subarray(0, 24)) || bytes.readUInt32LE(8) !== 1) return null;
  return { generation: bytes.readUInt32LE(12), firstSequence: Number(bytes.readBigUInt64LE(16)) };
}

/** Record layout: magic 4, payload length u32, sequence u64, payload crc32, crc32 of the 20 bytes before; then the payload. */
export function encodeRecord(sequence: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + payload.length);
  recordMagic.copy(bytes);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.writeBigUInt64LE(BigInt(sequence), 8);
  bytes.writeUInt32LE(crc32(payload), 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20);
  payload.copy(bytes, recordHeaderBytes);
  return bytes;
}

/** null: the 24 bytes at `at` are no sound record header. */
export function decodeRecordHeader(bytes: Buffer, at: number): RecordHeader | null {
  if (bytes.length < at + recordHeaderBytes || !bytes.subarray(at, at + 4).equals(recordMagic)) return null;
  if (bytes.readUInt32LE(at + 20) !== crc32(bytes.subarray(at, at + 20))) return null;
  const length = bytes.readUInt32LE(at + 4);
  if (length > maxPayloadBytes) return null;
  return { length, sequence: Number(bytes.readBigUInt64LE(at + 8)), payloadCrc: bytes.readUInt32LE(at + 16) };
}

type JsonValue = string | number | null | { readonly n: string } | { readonly b: string };

/** The payload is JSON, `[[sql, [parameters], changes], …]`, so that a person can read a journal with `strings`. */
export function encodePayload(statements: readonly JournaledStatement[]): Buffer {
  return Buffer.from(JSON.stringify(statements.map(({ sql, parameters, changes }) => [sql, parameters.map(toJson), changes])));
}

/** Undoes encodePayload. Throws on what it did not make; the checksum was right by then, so that means another program's file. */
export function decodePayload(payload: Buffer): JournaledStatement[] {
  const parsed: unknown = JSON.parse(payload.toString());
  if (!Array.isArray(parsed)) throw new Error('a journal record is not a list');
  return parsed.map((entry: unknown) => {
    if (!Array.isArray(entry)) throw new Error('a journal statement is not a list');
    const [sql, parameters, changes]: unknown[] = entry;
    if (typeof sql !== 'string' || !Array.isArray(parameters) || typeof changes !== 'number') {
      throw new Error('a journal statement lacks text, parameters or changes');
    }
    return { sql, parameters: parameters.map(fromJson), changes };
  });
}

const toJson = (value: SqlValue): JsonValue => {
  if (typeof value === 'bigint') return { n: value.toString() };
  if (value instanceof Uint8Array) return { b: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  return value;
};

const fromJson = (value: unknown): SqlValue => {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'object' && 'n' in value) return BigInt(String(value.n));
  if (typeof value === 'object' && 'b' in value) return new Uint8Array(Buffer.from(String(value.b), 'base64'));
  throw new Error('a journal parameter has an unknown form');
};
