// Changing one limit of a download client: read, asked, written, read back. One at a time, so that each sees what the one before it left.
import { ControllerError } from '../errors.ts';
import type { LimitSlot, ModeLimits } from './download-client.ts';
import type { DecideLimit, LimitChange } from './limit-change.ts';
import { createTurns } from './turns.ts';

export type ChangeLimit = (slot: LimitSlot, decide: DecideLimit, signal: AbortSignal) => Promise<LimitChange>;

export type LimitChanges = {
  readonly change: ChangeLimit;
  /** Grows with each write: what was asked for before it and answered after it is out of date. */
  writes(): number;
};

export type LimitAccess = {
  /** For messages. */
  readonly name: string;
  /** The limit that stands, bit/s. */
  read(slot: LimitSlot, signal: AbortSignal): Promise<number>;
  write(slot: LimitSlot, bps: number, signal: AbortSignal): Promise<void>;
  /** What the client gives back after `bps` was written. */
  kept(bps: number): number;
  /** Whether this client spells "none" with a negative number. */
  readonly takesNegative: boolean;
};

/** @throws ControllerError upstream_failed where the value read back is not the one written, input_invalid; whatever `decide` throws: then nothing is written. */
export const openLimitChanges = ({ name, read, write, kept, takesNegative }: LimitAccess): LimitChanges => {
  const turns = createTurns(1);
  let writes = 0;
  const change: ChangeLimit = async (slot, decide, signal) => {
    const beforeBps = await read(slot, signal);
    const wanted = await decide(beforeBps);
    if (wanted === null) return { beforeBps, afterBps: beforeBps, written: false };
    if (!Number.isFinite(wanted) || (wanted < 0 && !takesNegative))
      throw new ControllerError('input_invalid', `a limit of ${name} must be 0 (none) or more, not ${wanted}`);
    signal.throwIfAborted();
    try {
      await write(slot, wanted, signal);
    } finally {
      writes += 1; // also after a failure: it may have landed
    }
    const afterBps = await read(slot, signal);
    if (afterBps !== kept(wanted)) {
      throw new ControllerError(
        'upstream_failed',
        `${name}: the ${slot.mode} ${slot.direction} limit was set to ${kept(wanted)} bit/s but reads ${afterBps}`,
      );
    }
    return { beforeBps, afterBps, written: true };
  };
  return {
    change: (slot, decide, signal) => turns.take(signal, () => change(slot, decide, signal)),
    writes: () => writes,
  };
};

type BothLimits = { readonly uploadLimitBps: ModeLimits; readonly downloadLimitBps: ModeLimits };

export const limitOf = ({ uploadLimitBps, downloadLimitBps }: BothLimits, { direction, mode }: LimitSlot): number =>
  (direction === 'upload' ? uploadLimitBps : downloadLimitBps)[mode];
