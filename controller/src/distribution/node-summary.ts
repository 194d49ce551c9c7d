// Pure: a node's report in short, as REST, MQTT, Home Assistant and metrics show it.
import type { NodeReport, NodeState } from '@headgate/protocol';
import type { KnownNode } from './node-tokens.ts';
import type { NodeSeen } from './nodes.ts';

export const ITEM_STATES = [
  'waiting',
  'skipped',
  'downloading',
  'verifying',
  'placed',
  'quarantined',
  'failed',
  'leaving',
] as const;
export type ItemState = (typeof ITEM_STATES)[number];

export type NodeSummary = {
  readonly counts: Readonly<Record<ItemState, number>>;
  /** What it wants: without what it leaves out by its own choice, or gives up. */
  readonly wanted: number;
  /** 0 to 100, of what is loading or waits to; null where nothing is loading. */
  readonly percent: number | null;
  /** Of what is not placed. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Sentences, the most pressing first. */
  readonly problems: readonly string[];
};

const COMING: readonly ItemState[] = ['downloading', 'verifying', 'waiting'];
/** Of a sentence on a dashboard. */
const MOST_CHARACTERS = 250;

export function summaryOf({ items, more_placed: more, groups, jellyfin }: NodeReport): NodeSummary {
  const counts = Object.fromEntries(ITEM_STATES.map((state) => [state, state === 'placed' ? more : 0])) as Record<
    ItemState,
    number
  >;
  const [under, coming] = [
    { done: 0, total: 0 },
    { done: 0, total: 0 },
  ];
  let missedRoom = 0;
  for (const { state, missed, bytes_done: done, bytes_total: total } of items) {
    counts[state] += 1;
    if (state === 'skipped' && missed === true) missedRoom += 1;
    if (state !== 'placed') add(under, done, total);
    // Of what nobody knows the size of, nobody knows how far it is.
    if (COMING.includes(state) && total !== null) add(coming, done, total);
  }
  const isLoading = counts.downloading + counts.verifying > 0;
  const all = ITEM_STATES.reduce((sum, state) => sum + counts[state], 0);
  return {
    counts,
    wanted: all - counts.leaving - counts.skipped + missedRoom,
    percent: isLoading && coming.total > 0 ? Math.min(100, Math.round((1_000 * coming.done) / coming.total) / 10) : null,
    bytesDone: under.done,
    bytesTotal: under.total,
    problems: [
      ...items.flatMap((item) => (isMissed(item) ? [`${item.title}: ${item.problem ?? 'it could not be had'}`] : [])),
      ...groups.flatMap(({ group, problem }) => (problem === null ? [] : [`${group}: ${problem}`])),
      ...(jellyfin?.problem == null ? [] : [`Jellyfin: ${jellyfin.problem}`]),
    ],
  };
}

function add(sum: { done: number; total: number }, done: number, total: number | null): void {
  sum.done += done;
  sum.total += total ?? 0;
}

/** What a node leaves out by its own choice has a reason, and is no problem. */
const isMissed = ({ state, missed }: NodeReport['items'][number]): boolean =>
  missed ?? (state === 'quarantined' || state === 'failed');

const iso = (ms: number): string => new Date(ms).toISOString();

/** Null before its first report. @param atMs UTC ms */
export function nodeStateOf({ report, staleSince }: NodeSeen, access: KnownNode | null, atMs: number): NodeState | null {
  if (report === null) return null;
  const { counts, wanted, percent, problems } = summaryOf(report);
  const isSilent = staleSince !== null;
  return {
    at: iso(atMs),
    site: access?.site ?? report.site,
    stale_since: isSilent ? iso(staleSince) : null,
    paused: report.paused,
    items_placed: counts.placed,
    items_total: wanted,
    items_loading: counts.downloading + counts.verifying,
    items_failed: counts.quarantined + counts.failed,
    progress_percent: percent,
    // What it did when it was last heard goes on nowhere.
    up_bps: isSilent ? 0 : report.up_bps,
    down_bps: isSilent ? 0 : report.down_bps,
    free_bytes: report.free_bytes,
    jellyfin_had_it_after_s: report.jellyfin?.had_it_after_s ?? null,
    problem: sentenceOf(isSilent ? [`nothing was heard since ${iso(staleSince)}`, ...problems] : problems),
  };
}

function sentenceOf(problems: readonly string[]): string | null {
  const [first] = problems;
  if (first === undefined) return null;
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
  return `${first.slice(0, MOST_CHARACTERS - more.length)}${more}`;
}
