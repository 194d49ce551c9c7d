// The WAN as the bandwidth feature sees it: capacity, silence, and how much of what leaves is not ours.
import type { Clock } from '../../clock.ts';
import type { WatchedStream } from '../watched-streams.ts';
import { addSample, addStarts, NO_TRAFFIC, otherTraffic, type TrafficMemory } from './other-traffic.ts';
import { NEVER_FULL, nextSaturation, type Rush, rushOf, type SaturationMemory } from './saturation.ts';
import type { UplinkReading } from './uplink-reading.ts';

/** Where the feature hears of the WAN. */
export type Uplink = {
  /** The primary WAN; null where no router was ever heard. */
  read(): UplinkReading | null;
  /** Called at each sample, also of a WAN that is not primary. Answers with a function that ends it. */
  onSample(listener: () => void): () => void;
};

export type UplinkState = {
  readonly reading: UplinkReading | null;
  /** What others send. */
  readonly otherBps: number | null;
  /** What others fetch. */
  readonly otherDownBps: number | null;
  /** Null where no router was ever heard. Counts from the start where one is known but has said nothing yet. */
  readonly silentMs: number | null;
  /** A router was known of before anything was decided. */
  readonly knownFromStart: boolean;
  /** Null where the line was not full within the last minute, or a start of a stream explains it. */
  readonly rush: Rush | null;
};

/** What is known to be ours at one moment. */
export type OwnTraffic = {
  readonly torrentBps: number;
  readonly streamBps: number;
  readonly downloadBps: number;
  /** One of the streams is paused. */
  readonly paused: boolean;
};

export type UplinkWatch = {
  /** Takes the sample that stands now, with what is known to be ours at this moment; false where it was taken before, or there is none. */
  sample(ours: OwnTraffic): boolean;
  /** Streams that count; a new start masks the seconds around it. */
  starts(streams: readonly WatchedStream[]): void;
  state(): UplinkState;
};

export function createUplinkWatch(uplink: Uplink, clock: Clock): UplinkWatch {
  /** When a router was first known of, e.g. by what it left retained; and whether that was so at the first look. */
  let knownAt: number | null = null;
  let looked = false;
  let knownFromStart = false;
  let sent: TrafficMemory = NO_TRAFFIC;
  let fetched: TrafficMemory = NO_TRAFFIC;
  let full: SaturationMemory = NEVER_FULL;
  let other: number | null = null;
  let otherDown: number | null = null;
  let wan: string | null = null;
  let last: { readonly at: number; readonly heardAt: number } | null = null;
  return {
    sample({ torrentBps, streamBps, downloadBps, paused }) {
      const reading = uplink.read();
      if (!reading?.sample) return false;
      const now = clock.monotonic();
      const look = { isFull: reading.saturated === true, lineBps: reading.shaperUpBps, now };
      if (reading.sample.at === last?.at) {
        // The router looks at its queue a little after its counters: that it is full is news.
        if (look.isFull && full.since === null) full = nextSaturation(full, { ...look, traffic: sent });
        return false;
      }
      const name = `${reading.router}/${reading.wan}`;
      // Another WAN carries other traffic: what was seen on the old one says nothing.
      if (wan !== null && wan !== name) {
        [sent, fetched] = [NO_TRAFFIC, NO_TRAFFIC];
        [other, otherDown] = [null, null];
        full = NEVER_FULL;
      }
      wan = name;
      const { at, upBps, downBps } = reading.sample;
      last = { at, heardAt: now };
      sent = addSample(sent, { at: now, wanBps: upBps, torrentBps, streamBps, paused });
      other = otherTraffic(sent, now, other);
      fetched = addSample(fetched, { at: now, wanBps: downBps, torrentBps: downloadBps, streamBps: 0, paused: false });
      otherDown = otherTraffic(fetched, now, otherDown);
      full = nextSaturation(full, { ...look, traffic: sent });
      return true;
    },
    starts(streams) {
      const starts = streams.map(({ startedAt: at }) => at);
      sent = addStarts(sent, starts, clock.monotonic());
    },
    state() {
      const reading = uplink.read();
      const now = clock.monotonic();
      if (!looked) knownFromStart = reading !== null;
      looked = true;
      if (reading !== null) knownAt ??= now;
      const silentMs = reading === null ? null : now - (last?.heardAt ?? knownAt ?? now);
      const rush = rushOf(full, sent);
      const otherBps = other === null ? null : Math.max(other, rush?.sureBps ?? 0);
      return { reading, otherBps, otherDownBps: otherDown, silentMs, knownFromStart, rush };
    },
  };
}
