// Pure: what was read because of hooks, beside what should be so after all of them.
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { Seen } from './observe.ts';
import { isOurs, isUnheard } from './past.ts';
import type { Found, Known, Replay, Saying, Values } from './replay.ts';
import { isGone, isUnwatched, unmeantIn } from './rewatch.ts';
import { FIELDS, isSame, onlyFields } from './watch-fields.ts';

type Compared = {
  readonly found: Found;
  /** What it had after the last hook, beside what was read since. */
  readonly heard: Seen;
  readonly sureMs: number;
  readonly lastMs: number;
  readonly nowMs: number;
};

/** What is so now, beside what should be so after all that. */
export function compare(
  { now, sayings, points, saidMs, silent }: Replay,
  known: Known,
  { found, heard, sureMs, lastMs, nowMs }: Compared,
): void {
  const { seen, past } = known;
  const readMs = known.readMs ?? 0;
  const before: Seen = { ...(now as Seen) };
  // An earlier reading may have found the count of a beginning that took the mark away.
  const unmeant = [...unmeantIn(found.state, before), ...unmeantIn(found.state, heard)];
  const [again, last, back, covered]: [Values, Values, Values, Values] = [{}, {}, {}, {}];
  for (const field of FIELDS) {
    const value = found.state[field];
    const isAnother = !isSame(field, value, seen[field]);
    const said = saidMs[field];
    if (isSame(field, value, now[field])) {
      // It was otherwise when we looked last: it was set since, whatever the clocks say, and however much it looks like an echo.
      if (isAnother && !silent.has(field) && !isUnheard(past, field, value)) last[field] = value;
      continue;
    }
    // Covered by our own writing, what somebody did there stands.
    if (isUnheard(past, field, value)) continue;
    if (!isAnother && isOurs(past, field, value, (said ?? lastMs) - sureMs)) {
      covered[field] = value;
      continue;
    }
    back[field] = value;
    if (unmeant.includes(field)) continue;
    (isAnother ? last : again)[field] = value;
  }
  const stillSo = Object.keys(last).filter((field) =>
    isSame(field as WatchField, last[field as WatchField], now[field as WatchField]),
  );
  const still = Object.fromEntries(stillSo.map((field) => [field, last[field as WatchField]]));
  // With the count goes all that goes with it, also what cannot be told from what the hooks told.
  const isReset = isUnwatched(found.state) && 'playCount' in last && !stillSo.includes('playCount');
  const isLast = (field: WatchField): boolean =>
    (field in last && !stillSo.includes(field)) || (isReset && isGone(found.state, field));
  const rest = onlyFields(found.state, FIELDS.filter(isLast));
  const againMs = Math.max(lastMs, known.hookMs ?? 0);
  push(sayings, {
    said: still as WatchChange,
    before: seen,
    ms: Math.max(...stillSo.map((field) => saidMs[field as WatchField] ?? lastMs)),
    notBeforeMs: readMs,
    follows: true,
  });
  push(sayings, { said: again as WatchChange, before, ms: againMs, notBeforeMs: againMs, follows: true });
  push(sayings, { said: rest, before, ms: found.ms, notBeforeMs: readMs, follows: true });
  const unsaid = FIELDS.filter((field) => saidMs[field] === undefined);
  const unnoted = onlyFields(still as WatchChange, unsaid);
  if (Object.keys(unnoted).length > 0)
    points.push({
      by: 'hook',
      fromMs: lastMs,
      toMs: lastMs,
      was: onlyFields(
        seen,
        FIELDS.filter((field) => field in unnoted),
      ),
      is: unnoted,
    });
  if (Object.keys(covered).length > 0)
    // Whatever the clocks say, our writing came after it.
    points.push({ by: 'hook', fromMs: lastMs + 0.001, toMs: lastMs + 0.001, was: before, is: covered as WatchChange });
  // What was known already is older than this look: the newest hook told it too, or our reading did.
  const knownMs = [known.hookMs ?? 0, readMs].find((ms) => ms > lastMs) ?? found.ms;
  for (const atMs of [knownMs, found.ms]) {
    const fields = FIELDS.filter(
      (field) => field in back && (isSame(field, back[field], seen[field]) ? knownMs : found.ms) === atMs,
    );
    const [was, is] = [onlyFields(before as WatchChange, fields) as Seen, onlyFields(back as WatchChange, fields)];
    if (fields.length > 0) points.push({ by: 'read', fromMs: atMs, toMs: atMs === found.ms ? nowMs : atMs, was, is });
    if (knownMs === found.ms) break;
  }
}

function push(sayings: Saying[], saying: Saying): void {
  if (Object.keys(saying.said).length > 0) sayings.push(saying);
}
