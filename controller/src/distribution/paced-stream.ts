// A stream that goes no faster than its reader's turns at the gate come.
import { pipeline, type Readable, Transform } from 'node:stream';
import type { SendGate } from './send-gate.ts';

export type Gate = Pick<SendGate, 'pieceBytes' | 'take' | 'sent'>;

const HELD_BYTES = 64 * 1024;

/** The same bytes. Once it is destroyed nobody waits for it any more, and the source is destroyed as well. */
export function pacedStream(source: Readable, gate: Gate, reader: string): Readable {
  const ending = new AbortController();
  const paced = new Transform({
    highWaterMark: HELD_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      if (gate.pieceBytes() === Number.POSITIVE_INFINITY) {
        gate.sent(chunk.length);
        done(null, chunk);
      } else sendInPieces(chunk).then(() => done(), done);
    },
    destroy(error, done) {
      ending.abort();
      done(error);
    },
  });
  async function sendInPieces(chunk: Buffer): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      const piece = chunk.subarray(from, from + Math.min(gate.pieceBytes(), chunk.length));
      await gate.take(reader, piece.length, ending.signal);
      from += piece.length;
      gate.sent(piece.length);
      paced.push(piece);
    }
  }
  pipeline(source, paced, () => {});
  return paced;
}
