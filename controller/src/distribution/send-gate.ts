// One limit for all bytes of files that go to other sites over HTTP, shared fairly by their readers.
import type { Clock } from '../clock.ts';
import { createRateMeter } from './rate-meter.ts';
import { createReaderTurns } from './reader-turns.ts';

export type SendGate = {
  /** bit/s; null: no limit, 0: nothing. */
  limit(bps: number | null): void;
  /** How many bytes are asked for at once; Infinity while nothing is limited: then nobody need ask. */
  pieceBytes(): number;
  /** Resolves when they may go. @throws the signal's reason */
  take(reader: string, bytes: number, signal: AbortSignal): Promise<void>;
  /** So many have gone. */
  sent(bytes: number): void;
  /** bit/s that go now. */
  usedBps(): number;
  /** Somebody waits for a turn. */
  isWaited(): boolean;
  isClosed(): boolean;
};

/** A new limit is noticed after so long. */
const LOOK_MS = 100;
/** What may go at once, of a second's worth: more would all go to whoever asks first. */
const BURST_S = 0.1;
const PIECE_MS = 50;
const [LEAST_PIECE_BYTES, MOST_PIECE_BYTES] = [1_024, 64 * 1024];

/** Without a limit at first. */
export function createSendGate(clock: Clock): SendGate {
  const meter = createRateMeter(clock.monotonic);
  const turns = createReaderTurns(clock.monotonic);
  const never = new AbortController().signal;
  let bytesPerMs: number | null = null;
  let [left, at] = [0, clock.monotonic()];
  let isServing = false;

  function refill(): void {
    const now = clock.monotonic();
    const most = Math.max(LEAST_PIECE_BYTES, (bytesPerMs ?? 0) * BURST_S * 1_000);
    left = Math.min(left + (now - at) * (bytesPerMs ?? 0), most);
    at = now;
  }

  async function serve(): Promise<void> {
    while (turns.isWaited()) {
      refill();
      // It may go below nothing by one piece, and then all wait until that is paid.
      while (bytesPerMs === null || left > 0) {
        if (bytesPerMs === 0) break;
        const turn = turns.next();
        if (turn === null) break;
        left -= turn.bytes;
        turn.go();
      }
      // Whoever was served asks again at once: that, too, is waited for here.
      const dueMs = bytesPerMs === null || bytesPerMs === 0 ? LOOK_MS : Math.ceil((1 - left) / bytesPerMs);
      await clock.sleep(Math.max(1, Math.min(LOOK_MS, dueMs)), never);
    }
    isServing = false;
  }

  return {
    limit(bps) {
      refill();
      bytesPerMs = bps === null ? null : bps / 8_000;
    },
    pieceBytes: () =>
      bytesPerMs === null
        ? Number.POSITIVE_INFINITY
        : Math.round(Math.max(LEAST_PIECE_BYTES, Math.min(MOST_PIECE_BYTES, bytesPerMs * PIECE_MS))),
    take(reader, bytes, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const leave = turns.wait(reader, { bytes, go: resolve });
      const stop = (): void => {
        leave();
        reject(signal.reason);
      };
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      if (!isServing) {
        isServing = true;
        void serve();
      }
      return promise.finally(() => signal.removeEventListener('abort', stop));
    },
    sent: meter.add,
    usedBps: meter.bps,
    isWaited: turns.isWaited,
    isClosed: () => bytesPerMs === 0,
  };
}
