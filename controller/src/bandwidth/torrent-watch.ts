// One torrent client as the bandwidth feature sees it: its last reading, and its limits as targets.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type {
  Direction,
  LimitSlot,
  ModeLimits,
  SpeedMode,
  TorrentClient,
  TorrentReading,
} from '../neighbours/download-client.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import { type LimitTargets, torrentTarget } from './limits/limit-targets.ts';
import type { LimitWriter } from './limits/limit-writer.ts';

export type TorrentWatch = {
  readonly client: TorrentClient;
  reading(): TorrentReading | null;
  health(): NeighbourHealth | null;
  /** What it moves, or moved when it was last heard: it may well go on so, but after 15 min nobody believes that. */
  moves(): { readonly uploadBps: number; readonly downloadBps: number };
  run(signal: AbortSignal): Promise<void>;
};

export type TorrentWatchDeps = {
  readonly targets: LimitTargets;
  readonly writer: LimitWriter;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: () => void;
};

const BELIEVED_MS = 15 * 60_000;
const AT_REST = { uploadBps: 0, downloadBps: 0 };
const MODES: readonly SpeedMode[] = ['normal', 'alternative'];
const DIRECTIONS: readonly Direction[] = ['upload', 'download'];

const limitsOf = (reading: TorrentReading, direction: Direction): ModeLimits | null =>
  direction === 'upload' ? reading.uploadLimitBps : reading.downloadLimitBps;

/** Every limit that the client has, with what stands there. */
const slotsOf = (reading: TorrentReading): readonly (LimitSlot & { readonly bps: number })[] =>
  DIRECTIONS.flatMap((direction) => {
    const limits = limitsOf(reading, direction);
    return limits === null ? [] : MODES.map((mode) => ({ direction, mode, bps: limits[mode] }));
  });

export function createTorrentWatch(
  client: TorrentClient,
  { targets, writer, clock, log, changed }: TorrentWatchDeps,
): TorrentWatch {
  let reading: TorrentReading | null = null;
  let health: NeighbourHealth | null = null;
  let heardAt = Number.NEGATIVE_INFINITY;

  function heard(now: TorrentReading): void {
    const before = reading;
    reading = now;
    heardAt = clock.monotonic();
    const slots = slotsOf(now);
    for (const slot of slots) take(slot, slot.bps);
    // Speeds change each time and wait for the next turn; limits and the mode do not.
    if (before === null || before.mode !== now.mode || JSON.stringify(slotsOf(before)) !== JSON.stringify(slots)) changed();
  }

  function take(slot: LimitSlot, limitBps: number): void {
    const known = torrentTarget(client.name, slot);
    // As for users: one that is not behind this uplink is only given back what an earlier run took.
    if (!client.onUplink && !targets.has(known)) return;
    const key = targets.addTorrentSlot(client, slot);
    // The adapter never tells a reading that one of our writes overtook, so only one under way is waited for.
    if (!targets.read(key, limitBps, null)) return;
    const label = targets.port(key)?.label ?? client.name;
    writer
      .observe(key, label, limitBps)
      .catch((error: unknown) => log.error({ error: messageOf(error) }, 'hand edit not stored'));
  }

  return {
    client,
    reading: () => reading,
    health: () => health,
    moves: () => (reading === null || clock.monotonic() - heardAt >= BELIEVED_MS ? AT_REST : reading),
    run: (signal) =>
      client.watch(
        {
          reading: heard,
          health: (now) => {
            health = now;
            changed();
          },
        },
        signal,
      ),
  };
}
