// The four limits of qBittorrent: read together, written by name, so that a mode toggled meanwhile cannot send a write into the other slot.
import type { Clock } from '../clock.ts';
import { decodeJson } from '../http-client/decode-answer.ts';
import { type ChangeLimit, openLimitChanges } from '../neighbours/change-limit.ts';
import type { Direction, LimitSlot, ModeLimits, SpeedMode } from '../neighbours/download-client.ts';
import { preferences } from './answers.ts';
import { fromLimitBytes, roundedBps, toLimitBytes } from './limit-rate.ts';
import type { WebApi } from './open-web-api.ts';

export type KnownLimits = {
  readonly uploadLimitBps: ModeLimits;
  readonly downloadLimitBps: ModeLimits;
  readonly limitsLanPeers: boolean | null;
  /** By clock.monotonic. */
  readonly readAt: number;
};

export type Limits = {
  read(signal: AbortSignal): Promise<KnownLimits>;
  /** Last read; null after forget. */
  known(): KnownLimits | null;
  forget(): void;
  /** Grows with each write: what was asked for before it and answered after it is out of date. */
  writes(): number;
  readonly change: ChangeLimit;
};

/**
 * app/setPreferences changes only the keys that it is given and saves them at once (seen on 4.5.2, read up to 5.2.3);
 * transfer/setUploadLimit writes whichever slot is active, and is lost if qBittorrent dies within 5 s.
 */
const KEYS: Readonly<Record<Direction, Readonly<Record<SpeedMode, string>>>> = {
  upload: { normal: 'up_limit', alternative: 'alt_up_limit' },
  download: { normal: 'dl_limit', alternative: 'alt_dl_limit' },
};

const limitOf = (limits: KnownLimits, { direction, mode }: LimitSlot): number =>
  (direction === 'upload' ? limits.uploadLimitBps : limits.downloadLimitBps)[mode];

export const openLimits = ({ name, api, clock }: { name: string; api: WebApi; clock: Clock }): Limits => {
  let known: KnownLimits | null = null;
  let writes = 0;

  const read = async (signal: AbortSignal): Promise<KnownLimits> => {
    const seen = writes;
    const told = decodeJson(preferences, await api.get('app/preferences', signal), `${name} app/preferences`);
    const limits: KnownLimits = {
      uploadLimitBps: { normal: fromLimitBytes(told.up_limit), alternative: fromLimitBytes(told.alt_up_limit) },
      downloadLimitBps: { normal: fromLimitBytes(told.dl_limit), alternative: fromLimitBytes(told.alt_dl_limit) },
      limitsLanPeers: told.limit_lan_peers ?? null,
      readAt: clock.monotonic(),
    };
    known = seen === writes ? limits : null;
    return limits;
  };
  const write = async ({ direction, mode }: LimitSlot, bps: number, signal: AbortSignal): Promise<void> => {
    try {
      await api.post('app/setPreferences', { json: JSON.stringify({ [KEYS[direction][mode]]: toLimitBytes(bps) }) }, signal);
    } finally {
      writes += 1; // also after a failure: it may have landed
      known = null;
    }
  };
  return {
    read,
    known: () => known,
    forget: () => {
      known = null;
    },
    writes: () => writes,
    change: openLimitChanges({
      name,
      read: async (slot, signal) => limitOf(await read(signal), slot),
      write,
      kept: roundedBps,
      takesNegative: false,
    }),
  };
};
