// The two limits of Deluge: read together, each written by its own key, so that nothing else of its settings is touched.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { type LimitChanges, limitOf, openLimitChanges } from '../neighbours/change-limit.ts';
import type { Direction, LimitSlot, ModeLimits } from '../neighbours/download-client.ts';
import { limitValues } from './answers.ts';
import { fromKiB, keptBps, toKiB } from './limit-rate.ts';
import type { Daemon } from './open-daemon.ts';

export type KnownLimits = {
  readonly uploadLimitBps: ModeLimits;
  readonly downloadLimitBps: ModeLimits;
  readonly limitsLanPeers: boolean | null;
};

export type Limits = LimitChanges & {
  read(signal: AbortSignal): Promise<KnownLimits>;
};

const KEYS: Readonly<Record<Direction, keyof z.infer<typeof limitValues>>> = {
  upload: 'max_upload_speed',
  download: 'max_download_speed',
};

export const openLimits = ({ name, daemon }: { readonly name: string; readonly daemon: Daemon }): Limits => {
  const read = async (signal: AbortSignal): Promise<KnownLimits> => {
    const request = { method: 'core.get_config_values', params: [Object.keys(limitValues.shape)] };
    const told = await daemon.ask(limitValues, request, signal);
    return {
      uploadLimitBps: { normal: fromKiB(told.max_upload_speed), alternative: 0 },
      downloadLimitBps: { normal: fromKiB(told.max_download_speed), alternative: 0 },
      limitsLanPeers: typeof told.ignore_limits_on_local_network === 'boolean' ? !told.ignore_limits_on_local_network : null,
    };
  };
  const readSlot = async (slot: LimitSlot, signal: AbortSignal): Promise<number> => {
    if (slot.mode !== 'normal') throw new ControllerError('input_invalid', `${name}: Deluge has no ${slot.mode} limits`);
    return limitOf(await read(signal), slot);
  };
  // Answers null whether it did so or not: a key that the daemon's command line keeps from change is passed over in silence.
  const write = async ({ direction }: LimitSlot, bps: number, signal: AbortSignal): Promise<void> => {
    await daemon.ask(z.unknown(), { method: 'core.set_config', params: [{ [KEYS[direction]]: toKiB(bps) }] }, signal);
  };
  return { read, ...openLimitChanges({ name, read: readSlot, write, kept: keptBps, takesNegative: true }) };
};
