// Pure: JellyDemon's config.yml, of its first and later versions, with its own defaults.
import { z } from 'zod';
import { range } from '../addresses.ts';
import { across } from '../schema-tools.ts';
import { flag, MAX_LINE_BPS, rate, text, whole } from '../values.ts';

const A_DAY_S = 86_400;
const A_SIZE = 'must be a size such as "10MB", "512KB" or a number of bytes';
const host = () => text(253).regex(/^[\w.:%-]+$|^\$\{\w+\}$/, 'must be a host name or an address, without scheme or port');
const secret = () => z.string({ error: 'must be text (put it in quotes)' }).optional();

/** By section, the keys that are taken over. */
export const KEYS = {
  router: {
    host: host().optional(),
    username: text().prefault('root'),
    password: secret(),
    ssh_port: whole(1, 65_535).prefault(22),
    luci_port: whole(1, 65_535).prefault(80),
    use_ssh: flag().prefault(false),
  },
  jellyfin: { host: host(), port: whole(1, 65_535), api_key: secret(), use_https: flag().prefault(false) },
  network: {
    internal_ranges: z.array(range()).min(1, 'must name at least one range'),
    test_mode: flag().prefault(false),
    test_external_ranges: z.array(range()).prefault([]),
  },
  bandwidth: {
    algorithm: text().prefault('equal_split'),
    min_per_user: rate().optional(),
    max_per_user: rate().prefault(50),
    reserved_bandwidth: rate(0, MAX_LINE_BPS).prefault(10),
    total_upload_mbps: rate(0, MAX_LINE_BPS).prefault(0),
    /** Its set-up writes the minimum here; it counts for this algorithm, and where there is no other. */
    equal_split: z.looseObject({ min_per_user_mbps: rate().optional() }).nullish(),
  },
  daemon: {
    update_interval: whole(1, A_DAY_S).optional(),
    update_interval_seconds: whole(1, A_DAY_S).optional(),
    log_level: z
      .string()
      .regex(/^(debug|info|warn(ing)?|error|critical|fatal)$/i, 'must be DEBUG, INFO, WARNING, ERROR or CRITICAL')
      .prefault('INFO'),
    /** Empty: none. */
    log_file: z.union([z.literal(''), text(4_096)]).prefault('jellydemon.log'),
    log_max_size: z.union([z.int(A_SIZE), z.string(A_SIZE).regex(/^\d+(MB|KB)?$/i, A_SIZE)], { error: A_SIZE }).prefault('10MB'),
    log_backup_count: whole(0, 1_000).prefault(5),
    dry_run: flag().prefault(false),
  },
};

export const jellydemonSchema = z
  .looseObject({
    router: z.looseObject(KEYS.router).nullish(),
    jellyfin: z.looseObject(KEYS.jellyfin),
    network: z.looseObject(KEYS.network),
    bandwidth: z.looseObject(KEYS.bandwidth).prefault({}),
    daemon: z.looseObject(KEYS.daemon).prefault({}),
  })
  .check(
    across(({ bandwidth, network }, tell) => {
      const { max_per_user: max, reserved_bandwidth: kept, total_upload_mbps: total, ...rest } = asLoose(bandwidth);
      const min = minPerUserBps(rest);
      if (min !== null && typeof max === 'number' && min >= max)
        tell(['bandwidth', 'max_per_user'], 'must be more than min_per_user');
      if (typeof kept === 'number' && typeof total === 'number' && total > 0 && kept >= total)
        tell(['bandwidth', 'reserved_bandwidth'], 'must be less than total_upload_mbps');
      const { test_mode: mode, test_external_ranges: ranges } = asLoose(network);
      if (mode === true && Array.isArray(ranges) && ranges.length === 0)
        tell(['network', 'test_mode'], 'is true, but without test_external_ranges nobody would count as outside');
    }),
  );

const MIN_PER_USER_BPS = 2e6;

/** The plain key, else for `equal_split` what stands below it, else the default. Null where what stands there is no number. */
export function minPerUserBps({
  algorithm,
  min_per_user: own,
  equal_split: section,
}: Readonly<Record<string, unknown>>): number | null {
  const below = (algorithm ?? 'equal_split') === 'equal_split' ? asLoose(section)['min_per_user_mbps'] : undefined;
  const min = own ?? below ?? MIN_PER_USER_BPS;
  return typeof min === 'number' ? min : null;
}

const asLoose = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

export type JellyDemon = z.output<typeof jellydemonSchema>;
