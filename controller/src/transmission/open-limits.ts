// The four limits of Transmission: read together, written by name, so that a mode toggled meanwhile cannot send a write into the other slot.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { type LimitChanges, limitOf, openLimitChanges } from '../neighbours/change-limit.ts';
import type { LimitSlot, ModeLimits, SpeedMode } from '../neighbours/download-client.ts';
import { SESSION_FIELDS, session } from './answers.ts';
import { fromKept, roundedBps, type SpeedScale, scaleOf, toKept, USUAL_SCALE } from './limit-rate.ts';
import type { Rpc } from './open-rpc.ts';

export type KnownLimits = {
  /** "3.00". */
  readonly version: string;
  readonly mode: SpeedMode;
  readonly uploadLimitBps: ModeLimits;
  readonly downloadLimitBps: ModeLimits;
};

export type Limits = LimitChanges & {
  read(signal: AbortSignal): Promise<KnownLimits>;
  rounded(bps: number): number;
};

/** 2.40 of 2011: what the numbers in a torrent's status mean has stood since then. */
const OLDEST_RPC_VERSION = 14;

/** Its own keys only: session-set leaves all others as they are, the mode and the scheduler included. */
const fieldsOf = ({ direction, mode }: LimitSlot, bps: number, scale: SpeedScale): Readonly<Record<string, unknown>> => {
  const { enabled, speed } = toKept(bps, scale);
  const way = direction === 'upload' ? 'up' : 'down';
  if (mode === 'normal') return { [`speed-limit-${way}`]: speed, [`speed-limit-${way}-enabled`]: enabled };
  if (!enabled)
    throw new ControllerError('input_invalid', "Transmission's alternative limits have no switch: none cannot be written");
  return { [`alt-speed-${way}`]: speed };
};

export const openLimits = ({ name, rpc }: { readonly name: string; readonly rpc: Rpc }): Limits => {
  let scale = USUAL_SCALE;

  const read = async (signal: AbortSignal): Promise<KnownLimits> => {
    const told = await rpc.call({ method: 'session-get', arguments: { fields: SESSION_FIELDS }, schema: session }, signal);
    const version = told.version.split(' ', 1)[0] ?? '';
    const rpcVersion = told['rpc-version'];
    if (rpcVersion < OLDEST_RPC_VERSION)
      throw new ControllerError('upstream_failed', `${name} is Transmission ${version}; Headgate needs 2.40 or later`);
    const mine = scaleOf(rpcVersion, told.units['speed-bytes']);
    scale = mine;
    const normal = (way: 'up' | 'down'): number =>
      fromKept({ enabled: told[`speed-limit-${way}-enabled`], speed: told[`speed-limit-${way}`] }, mine);
    const alternative = (way: 'up' | 'down'): number => fromKept({ enabled: true, speed: told[`alt-speed-${way}`] }, mine);
    return {
      version,
      mode: told['alt-speed-enabled'] ? 'alternative' : 'normal',
      uploadLimitBps: { normal: normal('up'), alternative: alternative('up') },
      downloadLimitBps: { normal: normal('down'), alternative: alternative('down') },
    };
  };
  const write = async (slot: LimitSlot, bps: number, signal: AbortSignal): Promise<void> => {
    const fields = fieldsOf(slot, bps, scale); // just read
    await rpc.call({ method: 'session-set', arguments: fields, schema: z.object({}) }, signal);
  };
  return {
    read,
    rounded: (bps) => roundedBps(bps, scale),
    ...openLimitChanges({
      name,
      read: async (slot, signal) => limitOf(await read(signal), slot),
      write,
      kept: (bps) => fromKept(toKept(bps, scale), scale),
      takesNegative: true,
    }),
  };
};
