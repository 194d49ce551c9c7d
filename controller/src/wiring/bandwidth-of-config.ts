// Pure: the configuration in the words of the bandwidth feature.

import { parseRanges } from '../bandwidth/address-range.ts';
import { builtInAllocators } from '../bandwidth/allocators/built-in.ts';
import type { BandwidthDeps } from '../bandwidth/bandwidth.ts';
import type { Reserve } from '../bandwidth/line/uplink-budget.ts';
import { ruleAt, type ScheduleRule, withRule } from '../bandwidth/schedule.ts';
import type { BandwidthSettings, TorrentClientSettings, ViewerSettings } from '../bandwidth/settings.ts';
import type { HomeRanges } from '../bandwidth/viewer-location.ts';
import type { Config } from '../config/config-schema.ts';
import type { WantedWan } from '../telemetry/primary-wan.ts';
import { wallTimeIn } from './wall-time.ts';

/** The sections of which the settings are made. */
type Ruling = Pick<Config, 'home' | 'bandwidth' | 'uplink' | 'torrents' | 'viewers' | 'torrentClients'>;

/** Settings and what changes them by the hour, as plain values: these cross threads. */
export type RuledSettings = {
  readonly settings: BandwidthSettings;
  readonly rules: readonly ScheduleRule[];
  readonly timeZone: string;
};

export const ruledSettings = (config: Ruling): RuledSettings => ({
  settings: bandwidthSettings(config),
  rules: scheduleRules(config.bandwidth.schedule),
  timeZone: config.home.timeZone,
});

/** @returns the settings of the hour, at UTC ms. */
export function byTheHour({ settings, rules, timeZone }: RuledSettings): (utcMs: number) => BandwidthSettings {
  const clock = wallTimeIn(timeZone);
  return (utcMs) => (rules.length === 0 ? settings : withRule(settings, ruleAt(rules, clock(utcMs))));
}

export const settingsByTheHour = (config: Ruling): ((utcMs: number) => BandwidthSettings) => byTheHour(ruledSettings(config));

export const scheduleRules = (schedule: Config['bandwidth']['schedule']): readonly ScheduleRule[] => schedule.map(ruleOf);

/** At hours for which the schedule has no rule. */
export function bandwidthSettings(config: Ruling): BandwidthSettings {
  const { bandwidth, uplink, torrents } = config;
  const { schedule: _, ...rest } = bandwidth;
  return {
    ...rest,
    rule: null,
    reserve: reserveOf(uplink.reserve),
    capacityUpBps: uplink.uploadBps,
    capacityDownBps: uplink.downloadBps,
    viewers: Object.fromEntries(Object.entries(config.viewers).map(([name, viewer]) => [name.toLowerCase(), viewerOf(viewer)])),
    torrents: { ...torrents, downloadReserve: reserveOf(torrents.downloadReserve) },
    torrentClients: Object.fromEntries(config.torrentClients.map((client) => [client.name, torrentOf(client)])),
  };
}

export const homeRanges = ({ network }: Config): HomeRanges => ({
  home: parseRanges(network.localRanges),
  vpn: parseRanges(network.vpnRanges),
  testExternal: network.testMode ? parseRanges(network.testExternalRanges) : null,
});

export const bandwidthRules = (config: Config): BandwidthDeps['rules'] => ({
  allocators: builtInAllocators,
  homeRanges: homeRanges(config),
  demandHolds: config.notifications.highDemand,
});

export const wantedWan = ({ uplink: { router, wan } }: Config): WantedWan => ({ router, wan });

export const reserveOf = (reserve: Config['uplink']['reserve']): Reserve =>
  reserve.kind === 'fixed' ? { bps: reserve.bps } : { percent: reserve.share * 100 };

const ruleOf = ({ reserve, downloadReserve, ...rest }: Config['bandwidth']['schedule'][number]): ScheduleRule => ({
  ...rest,
  reserve: reserve === undefined ? undefined : reserveOf(reserve),
  downloadReserve: downloadReserve === undefined ? undefined : reserveOf(downloadReserve),
});

const viewerOf = (viewer: Config['viewers'][string]): ViewerSettings => ({
  class: viewer.class ?? undefined,
  minBps: viewer.minBps ?? undefined,
  maxBps: viewer.maxBps ?? undefined,
  exempt: viewer.exempt,
});

const torrentOf = ({ whileStreaming, whenIdle, weight }: Config['torrentClients'][number]): TorrentClientSettings => ({
  whileStreamingBps: typeof whileStreaming === 'number' ? whileStreaming : null,
  whenIdleBps: typeof whenIdle === 'number' ? whenIdle : null,
  weight,
});
