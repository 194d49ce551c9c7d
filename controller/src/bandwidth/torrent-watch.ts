// One torrent client as the bandwidth feature sees it: its last reading, and its limits as targets.
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type LimitTargets, torrentTarget } from './limit-targets.ts';
import type { LimitWriter } from './limit-writer.ts';
import type { NeighbourHealth, SpeedMode, TorrentClient, TorrentReading } from './neighbours.ts';

export type TorrentWatch = {
  readonly client: TorrentClient;
  reading(): TorrentReading | null;
  health(): NeighbourHealth | null;
  run(signal: AbortSignal): Promise<void>;
};

export type TorrentWatchDeps = {
  readonly targets: LimitTargets;
  readonly writer: LimitWriter;
  readonly log: Log;
  readonly changed: () => void;
};

const MODES: readonly SpeedMode[] = ['normal', 'alternative'];

export function createTorrentWatch(client: TorrentClient, { targets, writer, log, changed }: TorrentWatchDeps): TorrentWatch {
  let reading: TorrentReading | null = null;
  let health: NeighbourHealth | null = null;

  function heard(now: TorrentReading): void {
    const before = reading;
    reading = now;
    for (const mode of MODES) take(mode, now.uploadLimitBps[mode]);
    // Speeds change each time and wait for the next turn; limits and the mode do not.
    if (
      before === null ||
      before.mode !== now.mode ||
      MODES.some((mode) => before.uploadLimitBps[mode] !== now.uploadLimitBps[mode])
    )
      changed();
  }

  function take(mode: SpeedMode, limitBps: number): void {
    const known = torrentTarget(client.name, mode);
    // As for users: one that is not behind this uplink is only given back what an earlier run took.
    if (!client.onUplink && !targets.has(known)) return;
    const key = targets.addTorrentMode(client, mode);
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
