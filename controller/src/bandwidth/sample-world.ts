// One second of the line taken in, with what of it is known to be ours: other traffic is what is left, and players are learned by it.
import { guessedOverhead, TORRENT_OVERHEAD } from './line/other-traffic.ts';
import type { WatchedStream } from './watched-streams.ts';
import { isHeard, SETTLE_MS, type World } from './world.ts';

/** After the starts of these streams were told. Takes the WAN's sample, if it is a new one, with what is known to be ours right now. */
export function sampleWorld(world: World, all: readonly WatchedStream[]): void {
  const { otherBps, silentMs } = world.uplink.state();
  // At the start the torrents' own traffic would count as that of others, and hold every cap down for a minute.
  if (otherBps === null && !isHeard(world) && (silentMs ?? 0) < SETTLE_MS) return;
  const streams = all.filter(({ draws }) => draws);
  const moved = world.torrents.filter(({ client }) => client.onUplink).map((watch) => watch.moves());
  const torrentBps = moved.reduce((sum, { uploadBps }) => sum + uploadBps, 0);
  const downloadBps = moved.reduce((sum, reading) => sum + reading.downloadBps, 0);
  const onWire = (watched: WatchedStream): number =>
    watched.demand.bps * (world.overheads.of(watched)?.typical ?? guessedOverhead(watched.demand));
  const streamBps = streams.reduce((sum, stream) => sum + onWire(stream), 0);
  const isNew = world.uplink.sample({ torrentBps, streamBps, downloadBps, paused: streams.some(({ stream }) => stream.paused) });
  const reading = world.uplink.state().reading;
  if (isNew && reading?.sample)
    world.overheads.hear({
      at: world.clock.monotonic(),
      wanBps: reading.sample.upBps,
      torrentBps: torrentBps * TORRENT_OVERHEAD,
      capacityBps: reading.shaperUpBps,
      streams,
    });
}
