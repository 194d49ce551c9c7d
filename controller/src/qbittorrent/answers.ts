// The few fields that we read of qBittorrent's answers. The rest is dropped here: app/preferences holds passwords and, since 5.2, the API key. Pure.
import { z } from 'zod';
import type { SpeedMode } from '../neighbours/download-client.ts';

/** transfer/info: payload bytes/s; the limits of the mode that is active; bytes since qBittorrent started. */
export const transferInfo = z.object({
  up_info_speed: z.number().nonnegative(),
  dl_info_speed: z.number().nonnegative(),
  up_info_data: z.number().nonnegative(),
  up_rate_limit: z.number(),
  dl_rate_limit: z.number(),
});

/** app/preferences: all four slots in bytes/s, whatever mode is active. */
export const preferences = z.object({
  up_limit: z.number(),
  alt_up_limit: z.number(),
  dl_limit: z.number(),
  alt_dl_limit: z.number(),
  limit_lan_peers: z.boolean().optional(),
});

/** transfer/speedLimitsMode is a bare digit. */
export const speedLimitsMode = z
  .union([z.literal(0), z.literal(1)])
  .transform((digit): SpeedMode => (digit === 1 ? 'alternative' : 'normal'));

/** app/version: "v4.5.2", "v5.2.3", "v5.3.0alpha1". */
export const versionText = /^v?(\d+)\.(\d+)[\w.+-]{0,40}$/;

/** torrents/info, one page of it. The hash goes back in a list between "|", where the word "all" would mean every torrent. */
export const torrentList = z.array(
  z.object({ hash: z.string().regex(/^[0-9a-f]{40,64}$/i), state: z.string(), force_start: z.boolean().optional() }),
);

/** Nothing flows, and to start it again would wipe its error away. */
export const isBroken = (state: string): boolean => state === 'error' || state === 'missingFiles';
