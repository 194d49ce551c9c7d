// Pure: what hooks tell of what somebody did, beside what is known already: they come late and out of order, and we read and write meanwhile.
import { untouched, type WatchChange, type WatchField, type WatchState } from '../../neighbours/watch-state.ts';
import { compare } from './compare-found.ts';
import type { Seen } from './observe.ts';
import { isOpen, isOurs, mayHaveHad, type Point, unsureOf, valueAt, withPoint } from './past.ts';
import type { Found, History, Known, Replay, Told, Values } from './replay.ts';
import { beforeReset, isGone, isUnwatched, unmeantIn } from './rewatch.ts';
import { FIELDS, isSame, onlyFields } from './watch-fields.ts';

/** A player alone takes no count away, and counts one more when it begins: it was marked unwatched before, and that hook was lost. */
function wasReset(before: Values, has: WatchChange, anew: readonly WatchField[]): boolean {
  const more = (has.playCount ?? 0) - Number(before.playCount ?? 0);
  if (anew.includes('playCount')) return more < 0;
  return more === 0 && before.played === true && has.played === false && anew.includes('lastPlayedMs');
}

/** The fields in which it says something else than what is known. None: an echo of our own writing, or told already. */
export const newsIn = (known: Known, { has, unmeant, ...at }: Told): readonly WatchField[] =>
  FIELDS.filter(
    (field) =>
      field in has &&
      (!isSame(field, has[field], known.seen[field]) ||
        (!unmeant.includes(field) && !mayHaveHad(known, field, at).some((one) => isSame(field, one, has[field])))),
  );

/**
 * All that is known of the place is gone through once more from the first of the hooks on, with them in their places. What they say that it did not have then,
 * somebody set; what has become another since without us, somebody set after that.
 * @param told in the order of time, one or more. @param found needed where one of them may be older than what is known
 */
export function historyOf(known: Known, told: readonly Told[], found: Found | null, nowMs: number): History {
  const firstMs = told[0]?.ms ?? nowMs;
  const now: Values = {};
  for (const field of FIELDS) {
    const value = valueAt(known, field, firstMs);
    if (value !== undefined) now[field] = value;
  }
  const replay: Replay = { now, sayings: [], points: [], saidMs: {}, toldMs: {}, silent: new Set() };
  const later = known.past.filter((point) => point.fromMs > firstMs && !isOpen(point));
  for (const point of known.past) if (point.fromMs <= firstMs && !isOpen(point)) noteBy(replay, point);
  for (const one of told) {
    for (let point = later[0]; point !== undefined && point.fromMs <= one.ms; point = later[0]) {
      Object.assign(now, point.is);
      noteBy(replay, point);
      later.shift();
    }
    tellFound(replay, known, one);
    hear(replay, known, one);
  }
  const heard: Values = { ...now };
  for (const { by, is } of later) {
    Object.assign(now, is);
    if (by === 'write') Object.assign(heard, is);
  }
  const before: Values = { ...now };
  const at = { sureMs: told[0]?.sureMs ?? 0, lastMs: told.at(-1)?.ms ?? firstMs, nowMs };
  if (found !== null) compare(replay, known, { ...at, found, heard: heard as Seen });
  const past = replay.points.reduce((all, point) => withPoint(all, point, nowMs), known.past);
  return { sayings: replay.sayings, past, has: found === null ? toldNow(before, told) : found.state };
}

function noteBy({ toldMs }: Replay, { by, fromMs, is }: Point): void {
  for (const field of FIELDS)
    if (field in is && by === 'hook') toldMs[field] = fromMs;
    else if (field in is) delete toldMs[field];
}

const toldNow = (now: Values, told: readonly Told[]): WatchChange =>
  Object.fromEntries(
    FIELDS.flatMap((field) => (told.some(({ has }) => field in has) ? [[field, now[field]]] : [])),
  ) as WatchChange;

/** What a reading found that was being answered just then was set when this hook says, the first that does: the reading could only say that it was not before it. */
function tellFound({ now, sayings, points, saidMs, toldMs }: Replay, { past }: Known, told: Told): void {
  const { has, ms, unmeant } = told;
  const answering = past.filter(({ by, fromMs, toMs }) => by === 'read' && fromMs <= ms && (toMs ?? fromMs) >= ms);
  if (answering.length === 0) return;
  const before = [...past, ...points]
    .filter(({ by, fromMs }) => by !== 'read' && fromMs <= ms)
    .sort((a, b) => a.fromMs - b.fromMs);
  const isFirst = (field: WatchField): boolean => {
    const last = before.findLast(({ is }) => field in is);
    return last === undefined || !isSame(field, last.is[field], has[field]);
  };
  for (const point of answering) {
    const isIt = (field: WatchField): boolean =>
      field in point.is && isSame(field, has[field], point.is[field]) && isSame(field, has[field], now[field]);
    // Who begins to watch it again wants nothing of the mark, as everywhere.
    const begun = unmeantIn({ ...untouched, ...now, ...has } as WatchState, { ...now, ...point.was } as Seen);
    const isMeant = (field: WatchField): boolean => !unmeant.includes(field) && !begun.includes(field);
    const found = FIELDS.filter((field) => field in has && isIt(field) && isFirst(field) && isMeant(field));
    if (found.length === 0) continue;
    const [was, is] = [onlyFields(point.was as WatchChange, found), onlyFields(has, found)];
    for (const field of found) {
      toldMs[field] = ms;
      saidMs[field] = ms;
    }
    points.push({ by: 'hook', fromMs: ms, toMs: ms, ...unsureOf(told.utcMs, told.sureMs), was, is });
    sayings.push({ said: is, before: { ...now, ...was } as Seen, ms, notBeforeMs: 0, follows: false, foundMs: point.fromMs });
  }
}

function hear({ now, sayings, points, saidMs, toldMs, silent }: Replay, known: Known, told: Told): void {
  const { has, ms, sureMs, isNewest } = told;
  const before: Values = { ...now };
  const near = known.past.filter(
    ({ by, fromMs, toMs }) => by !== 'hook' && fromMs <= ms + sureMs && (toMs ?? Number.POSITIVE_INFINITY) >= ms - sureMs,
  );
  const isNear = (field: WatchField, side: 'was' | 'is'): boolean =>
    near.some((one) => field in one.is && (side === 'was' || one.by === 'write') && isSame(field, has[field], one[side][field]));
  // Where clocks make our own writing seem to be told before it was done, it is told where it was done.
  const isToCome = (field: WatchField): boolean =>
    near.some(({ by, fromMs, is }) => by === 'write' && fromMs > ms && field in is && isSame(field, has[field], is[field]));
  const differs = FIELDS.filter((field) => field in has && !isSame(field, has[field], now[field]));
  // What somebody did while we were writing, our writing has covered.
  const covers = (field: WatchField): boolean => {
    const sinceMs = toldMs[field];
    const before = known.past.filter(({ fromMs }) => fromMs <= ms + sureMs);
    return sinceMs !== undefined && isOurs(before, field, has[field], sinceMs);
  };
  // Beside our own reading and writing it is not sure which came first; but what a reading found is told by its hook.
  const anew = differs.filter((field) => !isNear(field, 'is') && !isNear(field, 'was') && !covers(field));
  const isBesideOurs = near.some(({ by, is }) => by === 'write' && 'playCount' in is);
  const isBegunAnew = !isBesideOurs && wasReset(before, has, anew);
  // Of a beginning whose own hook was lost, the next one tells, whatever it is about.
  const begun = unmeantIn({ ...untouched, ...before, ...has } as WatchState, before as Seen);
  const unmeant = [...told.unmeant.filter((field) => field !== 'played' || !isBegunAnew), ...begun];
  // Nobody but a person takes the count away: then all that goes with it was taken away, also what cannot be told from what was there before.
  const isReset =
    isUnwatched(has) && !unmeant.includes('played') && (anew.includes('playCount') || anew.includes('lastPlayedMs'));
  const set = isReset ? FIELDS.filter((field) => anew.includes(field) || isGone(has, field)) : anew;
  // With the count goes the date, whatever the hook is about: that of the reset was lost.
  const isMeant = (field: WatchField): boolean => !unmeant.includes(field) || (isReset && anew.includes('playCount'));
  const meant = set.filter(isMeant);
  // What happens by the way is no wish of anybody, whenever it was.
  const moved = FIELDS.filter(
    (field) =>
      set.includes(field) ||
      (differs.includes(field) && !isToCome(field) && (isNear(field, 'is') || covers(field) || unmeant.includes(field))),
  );
  for (const field of moved) {
    now[field] = has[field];
    toldMs[field] = ms;
    if (isMeant(field)) silent.delete(field);
    else silent.add(field);
  }
  for (const field of meant) saidMs[field] = ms;
  const was = onlyFields(before as WatchChange, moved);
  if (moved.length > 0)
    points.push({ by: 'hook', fromMs: ms, toMs: ms, ...unsureOf(told.utcMs, told.sureMs), was, is: onlyFields(has, moved) });
  if (meant.length === 0) return;
  const next = known.past.find(
    ({ by, fromMs, toMs, is: found }) => by === 'read' && (toMs ?? fromMs) > ms && meant.some((field) => field in found),
  );
  // Unless something was found there since: that may be what is agreed.
  const follows = isNewest && !known.past.some(({ by, fromMs, toMs }) => by === 'read' && (toMs ?? fromMs) > ms - sureMs);
  sayings.push({
    ...{ said: onlyFields(has, meant), ms, notBeforeMs: 0, follows },
    before: isReset ? beforeReset(before as Seen, true) : (before as Seen),
    ...(next === undefined ? {} : { foundMs: next.fromMs }),
  });
}
