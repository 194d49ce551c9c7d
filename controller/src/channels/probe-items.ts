// Looks at what is about to air, so that a dead file is swapped before anybody sees it.
import type { Clock } from '../clock.ts';
import { isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MediaInfo } from '../on-air/media-info.ts';
import { itemKey } from './catalogue-item.ts';
import type { ItemProbe, ProbeStore } from './probe-store.ts';
import type { ScheduleEntry } from './schedule-entry.ts';

export type ProbedItem = { readonly server: string; readonly id: string; readonly path: string | null };

export type ProbeResult = {
  readonly ok: boolean;
  /** A sentence where it is not ok. */
  readonly problem: string | null;
  readonly media: MediaInfo | null;
  readonly gainDb: number;
};

/** Opens the item and measures it. Rejects where that says nothing of the item: its server is away. */
export type ProbeItem = (item: ProbedItem, signal: AbortSignal) => Promise<ProbeResult>;

export type ProbingDeps = {
  readonly probes: ProbeStore;
  readonly probeItem: ProbeItem;
  readonly pathOf: (of: { readonly server: string; readonly id: string }) => string | null;
  readonly clock: Clock;
  readonly log: Log;
};

const DAY_MS = 86_400_000;
/** Files change seldom. */
const GOOD_FOR_MS = 30 * DAY_MS;
/** So many bad ones in a row are a server or disk in trouble, not bad files. */
const TOO_MANY = 10;

/** One item after the other. Answers how many turned out bad. Ends early with the signal. */
export async function probeItems(deps: ProbingDeps, entries: readonly ScheduleEntry[], signal: AbortSignal): Promise<number> {
  const wanted = new Map(entries.flatMap(({ item }) => (item === null ? [] : [[itemKey(item), item] as const])));
  let bad = 0;
  for (const [server, items] of Map.groupBy(wanted.values(), (item) => item.server)) {
    bad += await probeServer(deps, { server, items }, signal);
    if (signal.aborted) break;
  }
  return bad;
}

type Wanted = { readonly server: string; readonly items: readonly { readonly server: string; readonly id: string }[] };

async function probeServer(deps: ProbingDeps, { server, items }: Wanted, signal: AbortSignal): Promise<number> {
  const { probes, clock, log } = deps;
  let held: ItemProbe[] = [];
  let bad = 0;
  for (const item of items) {
    const known = await probes.get(item);
    if (known?.ok && clock.now() - known.probedAt < GOOD_FOR_MS) continue;
    const found = await look(deps, item, signal);
    if (found === null) return bad;
    if (!found.ok) {
      held.push(found);
      if (held.length < TOO_MANY) continue;
      log.warn(
        { server, items: held.length, problem: found.problem },
        'too many items in a row cannot be played: none is taken off',
      );
      return bad;
    }
    for (const one of [...held, found]) await probes.put(one);
    bad += held.length;
    held = [];
  }
  for (const one of held) await probes.put(one);
  return bad + held.length;
}

/** Null where nothing can be said of any item of this server now. */
async function look(deps: ProbingDeps, item: { readonly server: string; readonly id: string }, signal: AbortSignal) {
  const { server, id } = item;
  try {
    const result = await deps.probeItem({ server, id, path: deps.pathOf(item) }, signal);
    if (!result.ok) deps.log.warn({ server, item: id, problem: result.problem }, 'an item that is to air cannot be played');
    return { server, id, probedAt: deps.clock.now(), ...result };
  } catch (error) {
    if (!isAbort(error)) deps.log.info({ server, problem: messageOf(error) }, 'items cannot be probed now');
    return null;
  }
}
