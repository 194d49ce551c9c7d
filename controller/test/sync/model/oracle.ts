// What must be so when everything has come to rest, whatever happened before.
import { untouched, type WatchField } from '../../../src/neighbours/watch-state.ts';
import type { Registers } from '../../../src/sync/state/observe.ts';
import type { Point } from '../../../src/sync/state/past.ts';
import { FIELDS, isSame, isSameState, type WatchValue } from '../../../src/sync/state/watch-fields.ts';
import { LIKED, type ModelServer, PEOPLE } from './model-servers.ts';
import { type Asked, type Heard, placeKey, type Recorder } from './recorder.ts';

/** A person set a field of an item on a server to another value than it had there. */
export type Statement = {
  readonly server: string;
  readonly place: string;
  readonly person: string;
  readonly item: string;
  readonly field: WatchField;
  readonly value: WatchValue;
  /** It was done between these two, true time. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the server's clock then. */
  readonly skewMs: number;
  /** By a player: a playing that nobody told of counts from its beginning. */
  readonly isPlaying: boolean;
  /** False: somebody else wrote there at the same moment, or no answer came. */
  readonly isSure: boolean;
  /** False: it happens by the way. */
  readonly isMeant: boolean;
  readonly what: string;
};

const SLACK_MS = 3;
/**
 * A reading just before its server went off may not count: where it may show what another file of the item has, the server is asked once more before it does.
 */
const KEPT_AFTER_MS = 2_000;
/** From when a reading counts until it is on its way, on a busy machine. */
const ASKED_MS = 150;

/** (a) Problems in sentences: each server has what is agreed, to the second. */
export function differences(
  servers: readonly ModelServer[],
  agreed: (person: string, item: string) => Registers,
  recorder: Recorder,
): string[] {
  const problems: string[] = [];
  for (const person of PEOPLE)
    for (const item of LIKED)
      for (const field of FIELDS) {
        const value = agreed(person, item)[field]?.value ?? untouched[field];
        // A server gives up a date only with the count and the position: where it was told to keep those, it may keep the date.
        if (field === 'lastPlayedMs' && value === null) continue;
        if (servers.every((server) => isSame(field, server.state(person, item)[field], value))) continue;
        const values = servers.map((server) => `${server.name} ${String(server.state(person, item)[field])}`);
        const problem = `${person} ${item} ${field}: ${String(value)} is agreed, ${values.join(', ')}`;
        problems.push([problem, ...history({ person, item, field }, servers, recorder)].join('\n'));
      }
  return problems;
}

type Judging = {
  readonly servers: readonly ModelServer[];
  readonly recorder: Recorder;
  readonly agreed: (person: string, item: string) => Registers;
};

type Judged = Statement & {
  /** The latest moment, by true time, that our sync may take it for. */
  readonly effectiveMs: number;
  /** How wrong our sync's time of it is. */
  readonly errorMs: number;
  readonly counts: boolean;
};

/**
 * (b) A value may stand at the end where no later action must have won over it. Of two actions the later wins where they are farther apart than our sync's
 * own times of them are wrong (the measured skew of each server against the true one), and a few ms. The time of an action is
 * - where its hook was taken: its own, or up to the moment at which we read it there, where that came before its hook was taken: a reading can only say that it is so by now;
 * - where its hook was lost: up to the moment at which a reading or a later hook of the place found its value. A playing then counts from its beginning, so nothing is claimed of it.
 * What cannot be known is no action: whose hook was lost and whose value a later action or our own write covered before anybody looked; what set back something of
 * that kind; what was written over in the same instant (`isSure`); what our own writing says just then, too (`isBesideWriting`); and, after a crash and before the place
 * was read again, what may be our own unheard write.
 * Such a value may stand, but need not.
 */
export function lostActions(statements: readonly Statement[], { servers, recorder, agreed }: Judging): string[] {
  const problems: string[] = [];
  const groups = Map.groupBy(statements, ({ person, item, field }) => `${person} ${item} ${field}`);
  for (const [name, group] of groups) {
    const { person, item, field } = group[0] ?? { person: '', item: '', field: 'played' as const };
    const judged = group.map((one) => judge(one, group, { statements, recorder }));
    const final = agreed(person, item)[field]?.value ?? untouched[field];
    const fitting = judged.filter(({ value, isMeant }) => isMeant && isSame(field, value, final));
    const beaten = (one: Judged): Judged | undefined =>
      judged.find(
        (other) => other.counts && other !== one && other.fromMs > one.effectiveMs + one.errorMs + other.errorMs + SLACK_MS,
      );
    if (fitting.some((one) => beaten(one) === undefined)) continue;
    if (!judged.some(({ counts }) => counts)) continue;
    const list = judged.map(
      (one) =>
        `   ${one.what} on ${one.server} at ${one.fromMs % 1e6}-${one.toMs % 1e6} = ${String(one.value)}, until ${one.effectiveMs % 1e6} ±${one.errorMs.toFixed(1)}${one.counts ? '' : ' (maybe)'}`,
    );
    problems.push(
      [
        `${name} is ${String(final)} at the end, agreed ${JSON.stringify(agreed(person, item)[field])} (of all ${JSON.stringify(agreed(person, item))}), but:`,
        ...list,
        ...history({ person, item, field }, servers, recorder),
      ].join('\n'),
    );
  }
  return problems;
}

type Told = Pick<Statement, 'person' | 'item' | 'field'>;

/** All that was asked, heard and said of it, on all servers. */
function history({ person, item, field }: Told, servers: readonly ModelServer[], recorder: Recorder): string[] {
  const places = servers.map((one) => placeKey(one.name, one.userId(person), one.itemId(item)));
  return places
    .flatMap((place) => [
      ...recorder
        .asked(place)
        .map(
          (one) => [one.fromMs, `${place.slice(0, 8)} ${one.text} until ${one.toMs % 1e6}${one.wasCut ? ' cut' : ''}`] as const,
        ),
      ...recorder
        .sayings(place)
        .map(
          (one) =>
            [
              one.atMs,
              `${place.slice(0, 8)} SAYS ${JSON.stringify(one.changes)} of ${(one.ms % 1e6).toFixed(2)} after ${one.notBeforeMs % 1e6} seen ${JSON.stringify(Object.values(one.seen))} past ${one.past.map(pointText).join('; ')}`,
            ] as const,
        ),
      ...recorder.heard(place).map(
        (one) =>
          [
            one.doneMs,
            `${place.slice(0, 8)} heard ${field} ${String(one.has[field])} (${JSON.stringify(Object.values(one.has))}) of ${recorder
              .datesOf(place.split(' ')[0] ?? '', one.utcMs)
              .map(({ oursMs, sureMs }) => `${(oursMs % 1e6).toFixed(1)} ±${sureMs}`)
              .join(', ')}`,
          ] as const,
      ),
    ])
    .sort((a, b) => a[0] - b[0])
    .map(([ms, text]) => `      ${ms % 1e6} ${text}`);
}

const pointText = ({ by, fromMs, toMs, was, is }: Point): string =>
  `${by} ${(fromMs % 1e6).toFixed(1)}${toMs === fromMs ? '' : `-${toMs === null ? '?' : toMs % 1e6}`} ${JSON.stringify(was)} > ${JSON.stringify(is)}`;

/** Of several in the same ms, the one that tells it. */
const hookOf = (one: Statement, heard: readonly Heard[]): Heard | undefined =>
  heard.find(
    ({ utcMs, has }) =>
      utcMs - one.skewMs >= one.fromMs - 1.5 &&
      utcMs - one.skewMs <= one.toMs + 1.5 &&
      (!(one.field in has) || isSame(one.field, has[one.field], one.value)),
  );

/**
 * Our own writing brought the very same value there, or took it away, and had been decided on before this was done, or was on its way then, as far as clocks can
 * tell: echoes are known by value, so that nobody can tell what was done there from what we wrote, nor from what was there before that.
 */
function isBesideWriting({ field, value, fromMs, toMs }: Statement, sureMs: number, asked: readonly Asked[]): boolean {
  return asked.some((write, n) => {
    if (write.kind !== 'write' || !(field in write.sets)) return false;
    if (!isSame(field, write.sets[field], value) && !isSame(field, write.had[field], value)) return false;
    // Of a write that nobody heard of (the server or we went down), nobody knows until a reading that it was done.
    const isUnheard = !asked.some((one) => one.kind === 'read' && !one.wasCut && one.fromMs >= write.toMs && one.toMs <= fromMs);
    if (write.wasCut && write.fromMs <= toMs && isUnheard) return true;
    const read = asked.slice(0, n).findLast(({ kind }) => kind === 'read');
    return toMs + sureMs >= (read?.toMs ?? write.fromMs) && fromMs - sureMs <= write.toMs;
  });
}

/** A clock that was set between the making of a hook and its hearing gives it another time: it is told at no time that says anything. */
const WRONG_MS = 2_000;

function isUntold(one: Statement, recorder: Recorder): boolean {
  const own = hookOf(one, recorder.heard(one.place));
  if (own === undefined) return true;
  return recorder
    .datesOf(one.server, own.utcMs)
    .some(({ oursMs }) => oursMs < one.fromMs - WRONG_MS || oursMs > one.toMs + WRONG_MS);
}

/** Not where a crash came before it was on the disk. */
function wasKept(reading: Asked, { server, place }: Statement, recorder: Recorder): boolean {
  const { kind, wasCut, fromMs, toMs } = reading;
  if (kind !== 'read' || wasCut) return false;
  if (recorder.offs(server).some((offMs) => offMs >= fromMs && offMs < toMs + KEPT_AFTER_MS)) return false;
  const crash = recorder.crashes().find(({ atMs }) => atMs >= toMs);
  if (crash === undefined) return true;
  const kept = crash.kept.get(place);
  if (kept === undefined) return false;
  // Asked for a while before it was on its way.
  const before = recorder.asked(place).findLast((other) => other.toMs <= fromMs);
  return kept.readMs >= Math.max(before?.toMs ?? 0, fromMs - ASKED_MS) || (!kept.isOpen && isSameState(reading.had, kept.seen));
}

type Beside = { readonly statements: readonly Statement[]; readonly recorder: Recorder };

function judge(one: Statement, group: readonly Statement[], { statements, recorder }: Beside): Judged {
  const heard = recorder.heard(one.place);
  const asked = recorder.asked(one.place);
  const own = hookOf(one, heard);
  const isKept = (reading: Asked): boolean => wasKept(reading, one, recorder);
  // A reading at the very moment may have come before it.
  const readMs = asked.find((reading) => isKept(reading) && reading.fromMs >= one.toMs)?.toMs ?? Number.POSITIVE_INFINITY;
  // What we were writing there when we crashed, and somebody did just so before we looked again, cannot be told from our own writing.
  const isAfterCrash = recorder
    .crashes()
    .some(
      ({ atMs }) =>
        atMs <= one.toMs && !asked.some((reading) => isKept(reading) && reading.fromMs >= atMs && reading.toMs <= one.fromMs),
    );
  // Set back to what it had been before something that nobody told of in its time and nobody saw, it is as if nothing had been done.
  // Who marks unwatched what was begun is known by the count that goes.
  const isOfCount = ({ field }: Statement): boolean => one.what === 'unplayed' && one.field === 'played' && field === 'playCount';
  const last = statements.findLast(
    (other) =>
      other !== one && other.place === one.place && other.toMs <= one.fromMs && (other.field === one.field || isOfCount(other)),
  );
  const isBack =
    last !== undefined &&
    isUntold(last, recorder) &&
    !asked.some((reading) => isKept(reading) && reading.fromMs >= last.toMs && reading.toMs <= one.fromMs);
  const dates = own === undefined ? [] : recorder.datesOf(one.server, own.utcMs);
  const isSure =
    one.isSure && !isAfterCrash && !isBack && !isBesideWriting(one, Math.max(0, ...dates.map(({ sureMs }) => sureMs)), asked);
  if (own !== undefined) {
    const errorMs = Math.max(0, ...dates.flatMap(({ oursMs }) => [one.fromMs - oursMs, oursMs - one.toMs]));
    // What was agreed before all this may seem later, where our sync's time of it is so wrong.
    const isOfRound = one.fromMs - errorMs > recorder.sinceMs();
    // One just before an outage or a crash may have been kept, or not.
    const mayBeMs = asked.findLast(
      ({ kind, wasCut, fromMs, toMs }) => kind === 'read' && !wasCut && fromMs >= one.toMs && toMs <= own.doneMs,
    )?.toMs;
    const effectiveMs = readMs <= own.doneMs ? readMs : (mayBeMs ?? one.toMs);
    return { ...one, effectiveMs, errorMs, counts: isSure && isOfRound };
  }
  const next = heard.find(({ utcMs, doneMs }) => doneMs > one.toMs && utcMs - one.skewMs > one.toMs);
  const effectiveMs = Math.min(readMs, next?.doneMs ?? Number.POSITIVE_INFINITY);
  const isCovered = asked.some(({ kind, fromMs, toMs }) => kind === 'write' && toMs >= one.fromMs && fromMs <= effectiveMs);
  // Up to 10.11 a player's next hook says unwatched either way.
  const isHidden = one.field === 'played' && next !== undefined && next.utcMs - one.skewMs < readMs;
  const isAlone = group.every((other) => other === one || other.place !== one.place);
  return { ...one, effectiveMs, errorMs: 0, counts: isSure && isAlone && !isHidden && !isCovered && !one.isPlaying };
}

/** (d) Writes of what was there already, but for those that somebody came before in the very moment between reading and writing. */
export function needlessWrites(statements: readonly Statement[], recorder: Recorder): string[] {
  return recorder
    .needless()
    .filter(({ place, atMs }) => {
      const reads = recorder.asked(place).filter(({ kind, fromMs }) => kind === 'read' && fromMs <= atMs);
      const sinceMs = reads.at(-1)?.fromMs ?? 0;
      return !statements.some((one) => one.place === place && one.toMs >= sinceMs && one.fromMs <= atMs + SLACK_MS);
    })
    .map(({ place, text, atMs }) => `${place} at ${atMs % 1e6}: ${text} was so already`);
}

/** A busy machine hears all hooks late; and a clock that was set back by less than this is not told of at once (`server-clocks.ts`). */
const UNTOLD_MS = 2_000;
/** Until a server's answers have told that its clock was set. */
const CLOCK_TOLD_MS = 3_000;

/** (e) Times that are off by more than our sync thinks that they may be. */
export function wrongTimes(statements: readonly Statement[], recorder: Recorder): string[] {
  const said = new Set<string>();
  for (const one of statements) {
    const own = hookOf(one, recorder.heard(one.place));
    if (own === undefined) continue;
    for (const { oursMs, sureMs, atMs } of recorder.datesOf(one.server, own.utcMs)) {
      const offMs = Math.max(one.fromMs - oursMs, oursMs - one.toMs, 0);
      const isTold = recorder.clockSets(one.server).every((setMs) => setMs + CLOCK_TOLD_MS < one.fromMs || setMs > atMs);
      if (offMs > sureMs + UNTOLD_MS && isTold)
        said.add(
          `${one.what} on ${one.server} at ${one.fromMs % 1e6}-${one.toMs % 1e6} is taken for ${oursMs % 1e6} ±${sureMs} at ${atMs % 1e6}`,
        );
    }
  }
  return [...said];
}
