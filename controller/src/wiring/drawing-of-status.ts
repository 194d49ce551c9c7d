// Pure: what is drawn now, out of what the bandwidth feature knows of streams and download clients.
import type { BandwidthStatus } from '../bandwidth/bandwidth-status.ts';
import type { WatchedStream } from '../bandwidth/watched-streams.ts';
import type { Drawing, Place } from '../usage/amount.ts';

type Known = Pick<BandwidthStatus, 'streams' | 'mediaServers' | 'torrentClients'>;

/** What a stream that plays draws, bit/s. The one place where that is decided. */
const drawnBps = ({ wireBps }: WatchedStream): number => wireBps;

/** A paused stream draws nothing, nor does one whose player is cut off, nor a client that gives no answer. */
export function drawingOf({ streams, mediaServers, torrentClients }: Known): Drawing {
  const onUplink = new Map(mediaServers.map(({ name, onUplink: isOn }) => [name, isOn]));
  const placeOf = ({ server, location }: WatchedStream): Place =>
    onUplink.get(server) === false ? 'elsewhere' : location.usesUplink ? 'uplink' : 'home';
  return {
    streams: streams
      .filter(({ stream, cutOff }) => !stream.paused && !cutOff)
      .map((watched) => ({
        key: watched.key,
        viewer: `${watched.server}/${watched.stream.userName}`,
        player: watched.stream.client,
        place: placeOf(watched),
        bps: drawnBps(watched),
      })),
    clients: torrentClients.flatMap(({ name, onUplink: isOn, reading, health }) =>
      reading === null || health?.state === 'unreachable' || health?.state === 'refused'
        ? []
        : [
            {
              name,
              place: isOn ? ('uplink' as const) : ('elsewhere' as const),
              upBps: reading.uploadBps,
              downBps: reading.downloadBps,
            },
          ],
    ),
  };
}
