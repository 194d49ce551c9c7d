// Pure: the same world under other settings.
import type { Allocators } from '../allocators/allocator.ts';
import { allocatorOf } from '../allocators/choose-allocator.ts';
import type { DecisionInput } from '../decision.ts';
import { capacitiesOf } from '../line/known-line.ts';
import type { BandwidthSettings, TorrentSettings } from '../settings.ts';

/** What may be tried beside what holds; what is undefined stays. */
export type Overrides = {
  readonly [Key in
    | 'algorithm'
    | 'apply'
    | 'minPerViewerBps'
    | 'maxPerViewerBps'
    | 'stepBps'
    | 'writeIntervalMs'
    | 'throttleAfterMs'
    | 'restoreAfterMs'
    | 'torrentFloorBps'
    | 'reserve'
    | 'capacityUpBps'
    | 'capacityDownBps'
    | 'defaultClass']?: BandwidthSettings[Key] | undefined;
} & { readonly torrents?: { readonly [Key in keyof TorrentSettings]?: TorrentSettings[Key] | undefined } | undefined };

/** A viewer's own limits stay as they are. */
export function withOverrides(settings: BandwidthSettings, { torrents = {}, ...rest }: Overrides): BandwidthSettings {
  const next = { ...settings, ...defined(rest), torrents: { ...settings.torrents, ...defined(torrents) } };
  return { ...next, maxPerViewerBps: Math.max(next.minPerViewerBps, next.maxPerViewerBps) };
}

/** The input as it would be: what a setting makes of the world (the capacity, the allocator) is made anew. */
export const underSettings = (
  input: Omit<DecisionInput, 'allocator'>,
  settings: BandwidthSettings,
  allocators: Allocators,
): DecisionInput => ({
  ...input,
  settings,
  allocator: allocatorOf(allocators, settings.algorithm),
  ...capacitiesOf(settings, input.line),
});

const defined = <T extends object>(values: T): { [Key in keyof T]: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
