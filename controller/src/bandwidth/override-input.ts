// Pure: an override as REST and MQTT write it, in Mbit/s and minutes, in the feature's own words.
import type { Override } from './overrides.ts';

export type OverrideInput = {
  /** 0 takes the named settings back. */
  readonly minutes: number;
  readonly enabled?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
  readonly algorithm?: string | undefined;
  readonly running_streams?: 'leave' | 'renegotiate' | 'restart' | undefined;
  readonly upload_mbps?: number | undefined;
  readonly download_mbps?: number | undefined;
  readonly reserve_percent?: number | undefined;
  readonly max_per_viewer_mbps?: number | undefined;
  /** Of each download client, whether somebody watches or not. */
  readonly torrents_mbps?: number | undefined;
};

export function overrideOf(input: OverrideInput, utcNow: number): Override {
  const { minutes, reserve_percent: percent } = input;
  const torrentsBps = bpsOf(input.torrents_mbps);
  const patch = {
    enabled: input.enabled,
    dryRun: input.dry_run,
    algorithm: input.algorithm,
    runningStreams: input.running_streams,
    capacityUpBps: bpsOf(input.upload_mbps),
    capacityDownBps: bpsOf(input.download_mbps),
    reserve: percent === undefined ? undefined : { percent },
    maxPerViewerBps: bpsOf(input.max_per_viewer_mbps),
    whileStreamingBps: torrentsBps,
    whenIdleBps: torrentsBps,
  };
  const named = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { patch: named, until: utcNow + Math.round(minutes * 60_000) };
}

/** All that is ruled rests, and everything is as its owner had it. */
export const pauseFor = (minutes: number, utcNow: number): Override => overrideOf({ minutes, enabled: false }, utcNow);

const bpsOf = (mbps: number | undefined): number | undefined => (mbps === undefined ? undefined : Math.round(mbps * 1_000_000));
