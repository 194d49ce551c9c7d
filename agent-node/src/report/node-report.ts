// Pure: what this node says of itself.
import type { NodeReport } from '@headgate/protocol';
import type { GroupFollower } from '../manifest/group-follower.ts';
import type { ItemRow } from './item-board.ts';

/** What the torrent process says of one item. Bit/s. */
export type SwarmState = { readonly upBps: number; readonly peers: number };
export type ReportParts = {
  readonly atMs: number;
  readonly site: string;
  readonly isPaused: boolean;
  readonly freeBytes: number | null;
  readonly leaseLeftS: number | null;
  readonly groups: readonly Pick<GroupFollower, 'source' | 'manifest' | 'problem' | 'staleSinceMs'>[];
  readonly jellyfin: NodeReport['jellyfin'];
  readonly rows: readonly ItemRow[];
  /** Bit/s that came in for a row since the last report. */
  readonly downBps: (row: ItemRow) => number;
  /** Bit/s of all that, over the uplink. */
  readonly away: { readonly upBps: number; readonly downBps: number };
  /** By info hash; of what is seeded or fetched by the torrent process. */
  readonly swarm: ReadonlyMap<string, SwarmState>;
};

const MOST_ITEMS = 500;
/** What lies in its place the manifest names as well: of hundreds, those that others load first. A thousand nodes are heard by one controller. */
const MOST_PLACED = 20;
/** Of the 256 KiB that any reader takes, most for the items. */
const MOST_ITEM_CHARACTERS = 100_000;
const ORDER: Readonly<Record<ItemRow['state'], number>> = {
  downloading: 0,
  verifying: 1,
  quarantined: 2,
  failed: 3,
  skipped: 4,
  leaving: 5,
  waiting: 6,
  placed: 7,
};

/** What is not placed comes first; where not all fits the rest is counted. */
export function reportOf(parts: ReportParts): NodeReport {
  const peersOf = ({ infoHash }: ItemRow): number => (infoHash === null ? 0 : (parts.swarm.get(infoHash)?.peers ?? 0));
  const sorted = [...parts.rows].sort((a, b) => ORDER[a.state] - ORDER[b.state] || peersOf(b) - peersOf(a));
  const items: NodeReport['items'] = [];
  let characters = 0;
  const last = sorted.findIndex(({ state }) => state === 'placed') + MOST_PLACED;
  for (const row of last < MOST_PLACED ? sorted : sorted.slice(0, last)) {
    characters += row.title.length + row.path.length + (row.problem?.length ?? 0) + 60;
    if (items.length === MOST_ITEMS || characters > MOST_ITEM_CHARACTERS) break;
    items.push(itemOf(row, parts));
  }
  const placed = (states: readonly { state: ItemRow['state'] }[]): number =>
    states.filter(({ state }) => state === 'placed').length;
  return {
    at: new Date(parts.atMs).toISOString(),
    site: parts.site,
    paused: parts.isPaused,
    free_bytes: parts.freeBytes,
    up_bps: [...parts.swarm.values()].reduce((sum, { upBps }) => sum + upBps, 0),
    down_bps: items.reduce((sum, { down_bps }) => sum + down_bps, 0),
    away_up_bps: parts.away.upBps,
    away_down_bps: parts.away.downBps,
    limits_lease_left_s: parts.leaseLeftS,
    groups: parts.groups.flatMap(groupOf),
    jellyfin: parts.jellyfin,
    items,
    more_placed: placed(sorted) - placed(items),
  };
}

function itemOf(row: ItemRow, { downBps, swarm }: ReportParts): NodeReport['items'][number] {
  const { group, title, path, state, bytesDone, bytesTotal, problem, infoHash, isMissed } = row;
  const torrent = infoHash === null ? undefined : swarm.get(infoHash);
  return {
    ...{ group, title, path, state, problem: problem?.slice(0, 500) ?? null },
    bytes_done: bytesDone,
    bytes_total: bytesTotal,
    up_bps: torrent?.upBps ?? 0,
    down_bps: downBps(row),
    peers: torrent?.peers ?? 0,
    seeding: torrent !== undefined && state === 'placed',
    missed: isMissed,
  };
}

function groupOf({ source, manifest, problem, staleSinceMs }: ReportParts['groups'][number]): NodeReport['groups'] {
  const got = manifest();
  const group = got?.group ?? source.group;
  if (group === null) return [];
  const since = staleSinceMs();
  const refused = got?.refused ?? [];
  return [
    {
      group,
      version: got === null ? null : (got.version ?? 0),
      stale_since: since === null ? null : new Date(since).toISOString(),
      problem: problem() ?? (refused.length === 0 ? null : `${refused.length} of its items are not taken: ${refused[0]}`),
    },
  ];
}
