// Pure: what the servers say of playing streams, made into streams that count: where they are, what they take, whether they still live.
import type { MediaServerRules, PlayingStream } from './neighbours.ts';
import { type Demand, demandOf } from './stream-demand.ts';
import { type HomeRanges, locateViewer, type ViewerLocation } from './viewer-location.ts';

/** One stream with what we think of it. Times are steady ms. */
export type WatchedStream = {
  readonly key: string;
  readonly server: string;
  /** `server/user id`, the key of the viewer's cap. */
  readonly viewer: string;
  readonly stream: PlayingStream;
  readonly location: ViewerLocation;
  readonly demand: Demand;
  readonly startedAt: number;
  /** Plays now, outside, on this uplink: it counts. */
  readonly counts: boolean;
  /** Its player has been silent for two minutes: cut off, though the server still lists it. */
  readonly cutOff: boolean;
};

/** Last check-in as the server said it, and when that was first heard here: clocks of two machines are never compared. */
export type CheckIns = ReadonlyMap<string, { readonly said: number | null; readonly heardAt: number }>;

export type HeardSessions = {
  readonly server: string;
  readonly onUplink: boolean;
  readonly streams: readonly PlayingStream[];
  readonly rules: MediaServerRules | null;
  /** Steady ms and UTC ms of the same moment, to bring the server adapter's UTC times onto the steady clock. */
  readonly steadyAt: number;
  readonly utcAt: number;
};

/** The web client reports each 10 s, others up to once a minute; Jellyfin itself gives up after 5 min. */
const CUT_OFF_MS = 120_000;

export const viewerKey = (server: string, userId: string): string => `${server}/${userId}`;

export function watchStreams(
  heard: HeardSessions,
  ranges: HomeRanges,
  before: CheckIns,
): { readonly streams: readonly WatchedStream[]; readonly checkIns: CheckIns } {
  const checkIns = new Map<string, { said: number | null; heardAt: number }>();
  const streams = heard.streams.map((stream): WatchedStream => {
    const key = `${heard.server}/${stream.id}`;
    const known = before.get(key);
    const checkIn =
      known && known.said === stream.lastCheckInAt ? known : { said: stream.lastCheckInAt, heardAt: heard.steadyAt };
    checkIns.set(key, checkIn);
    const cutOff = stream.lastCheckInAt !== null && heard.steadyAt - checkIn.heardAt > CUT_OFF_MS;
    const location = locateViewer(stream.address, ranges, heard.rules);
    return {
      key,
      server: heard.server,
      viewer: viewerKey(heard.server, stream.userId),
      stream,
      location,
      demand: demandOf(stream),
      startedAt: heard.steadyAt - Math.max(0, heard.utcAt - stream.startedAt),
      counts: heard.onUplink && location.usesUplink && !stream.paused && !cutOff,
      cutOff,
    };
  });
  return { streams, checkIns };
}
