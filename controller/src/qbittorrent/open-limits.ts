// The four limits of qBittorrent: read together, written by name, so that a mode toggled meanwhile cannot send a write into the other slot.
import type { Clock } from '../clock.ts';
import { decodeJson } from '../http-client/decode-answer.ts';
import { type LimitChanges, limitOf, openLimitChanges } from '../neighbours/change-limit.ts';
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

export type Limits = LimitChanges & {
  read(signal: AbortSignal): Promise<KnownLimits>;
  /** Last read; null after forget, and after a write. */
  known(): KnownLimits | null;
  forget(): void;
};

/**
 * app/setPreferences changes only the keys that it is given and saves them at once (seen on 4.5.2, read up to 5.2.3);
 * transfer/setUploadLimit writes whichever slot is active, and is lost if qBittorrent dies within 5 s.
 */
const KEYS: Readonly<Record<Direction, Readonly<Record<SpeedMode, string>>>> = {
  upload: { normal: 'up_limit', alternative: 'alt_up_limit' },
  download: { normal: 'dl_limit', alternative: 'alt_dl_limit' },
};

export const openLimits = ({ name, api, clock }: { name: string; api: WebApi; clock: Clock }): Limits => {
  let known: { readonly limits: KnownLimits; readonly writesBefore: number } | null = null;

  const read = async (signal: AbortSignal): Promise<KnownLimits> => {
    const writesBefore = changes.writes();
    const told = decodeJson(preferences, await api.get('app/preferences', signal), `${name} app/preferences`);
    const limits: KnownLimits = {
      uploadLimitBps: { normal: fromLimitBytes(told.up_limit), alternative: fromLimitBytes(told.alt_up_limit) },
      downloadLimitBps: { normal: fromLimitBytes(told.dl_limit), alternative: fromLimitBytes(told.alt_dl_limit) },
      limitsLanPeers: told.limit_lan_peers ?? null,
      readAt: clock.monotonic(),
    };
    known = { limits, writesBefore };
    return limits;
  };
  const write = async ({ direction, mode }: LimitSlot, bps: number, signal: AbortSignal): Promise<void> => {
    await api.post('app/setPreferences', { json: JSON.stringify({ [KEYS[direction][mode]]: toLimitBytes(bps) }) }, signal);
  };
  const changes = openLimitChanges({
    name,
    read: async (slot, signal) => limitOf(await read(signal), slot),
    write,
    kept: roundedBps,
    takesNegative: false,
  });
  return {
    ...changes,
    read,
    known: () => (known?.writesBefore === changes.writes() ? known.limits : null),
    forget: () => {
      known = null;
    },
  };
};
