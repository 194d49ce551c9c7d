// Pure: what is told of neighbours that fall silent and come back: once for each silence, and not each time for one that comes and goes.
import type { NeighbourHealth } from '../../neighbours/health.ts';
import type { BandwidthEvent, OpenAlarm } from '../bandwidth-event.ts';

/** One neighbour of this moment. */
export type Watched = {
  readonly name: string;
  readonly kind: 'media_server' | 'download_client';
  /** The product, as the adapter calls it. */
  readonly type: string;
  readonly health: NeighbourHealth | null;
  /** Its streams that count; 0 for a download client. */
  readonly counted: number;
};

/** Steady ms, but for `sinceUtc`. */
type Known = {
  /** It answered at some time since the start. */
  readonly heard: boolean;
  readonly silentSince: number | null;
  readonly sinceUtc: number;
  /** What the last alarm said, while nothing was told of its end. */
  readonly told: 'silent' | 'refused' | null;
  readonly toldAt: number;
};

/** By kind and name; empty at the start. */
export type AlarmMemory = ReadonlyMap<string, Known>;

/** A restart of a server takes less. One that refuses us does not come back by itself: that is told at once. */
const SILENT_AFTER_MS = 60_000;
/** At most one alarm for each neighbour in this time. */
const APART_MS = 15 * 60_000;

export function tellNeighbours(
  neighbours: readonly Watched[],
  before: AlarmMemory,
  now: number,
): { readonly events: readonly BandwidthEvent[]; readonly memory: AlarmMemory } {
  const events: BandwidthEvent[] = [];
  const memory = new Map<string, Known>();
  for (const neighbour of neighbours) {
    const key = `${neighbour.kind}:${neighbour.name}`;
    const known = look(neighbour, before.get(key) ?? NEW, now);
    const event = eventOf(neighbour, known, now);
    if (event !== null) events.push(event);
    memory.set(key, event === null ? known : afterEvent(neighbour, known, now));
  }
  return { events, memory };
}

const NEW: Known = { heard: false, silentSince: null, sinceUtc: 0, told: null, toldAt: Number.NEGATIVE_INFINITY };

/** Of those that an earlier run told as silent: whoever answers now is told as back. */
export const alarmMemoryOf = (alarms: readonly OpenAlarm[]): AlarmMemory =>
  new Map(
    alarms
      .filter(({ type }) => type === 'neighbour_silent')
      .map(({ details: { kind, neighbour, state, since } }) => [
        `${kind}:${neighbour}`,
        { ...NEW, sinceUtc: Date.parse(String(since)) || 0, told: state === 'refused' ? 'refused' : 'silent' },
      ]),
  );

const isWell = (health: NeighbourHealth): boolean => health.state === 'live' || health.state === 'polling';

function look({ health }: Watched, before: Known, now: number): Known {
  if (health === null) return before;
  if (isWell(health)) return { ...before, heard: true, silentSince: null };
  if (before.silentSince !== null) return before;
  return { ...before, silentSince: now, sinceUtc: before.told === null ? health.since : before.sinceUtc };
}

function eventOf(neighbour: Watched, { heard, silentSince, sinceUtc, told, toldAt }: Known, now: number): BandwidthEvent | null {
  const { health, name } = neighbour;
  if (health === null) return null;
  const since = new Date(sinceUtc).toISOString();
  const details = { neighbour: name, kind: neighbour.kind, type: neighbour.type, state: health.state, since };
  if (silentSince === null)
    return told === null
      ? null
      : {
          type: 'neighbour_back',
          severity: 'info',
          text: `${whoIs(neighbour)} answers again, after a silence since ${moment(since)}.`,
          details,
        };
  const refused = health.state === 'refused';
  const isNews = told === null || (refused && told !== 'refused');
  const isDue = (refused || now - silentSince >= SILENT_AFTER_MS) && now - toldAt >= APART_MS;
  if (!isNews || !isDue) return null;
  const problem = health.problem ?? (health.state === 'starting' ? 'it is still starting' : 'no answer');
  const what = refused ? 'refuses Headgate' : 'has been silent';
  return {
    type: 'neighbour_silent',
    severity: 'warning',
    text: `${whoIs(neighbour)} ${what} since ${moment(since)}: ${problem.replace(/\.$/, '')}. ${whatFollows(neighbour, heard)}`,
    details: { ...details, problem },
  };
}

/** What was told stays known while the silence lasts, and when, beyond its end. */
const afterEvent = ({ health }: Watched, known: Known, now: number): Known =>
  known.silentSince === null
    ? { ...known, told: null }
    : { ...known, told: health?.state === 'refused' ? 'refused' : 'silent', toldAt: now };

function whatFollows({ kind, counted }: Watched, heard: boolean): string {
  if (kind === 'download_client') return heard ? 'Its limits stay as they stand.' : NEVER_HEARD;
  // What counts was heard, be it for less than a second.
  if (!heard && counted === 0) return `${NEVER_HEARD} None of its streams is counted.`;
  const kept = 'Its last known streams and limits are kept';
  return counted === 0
    ? `${kept}; nobody watched from outside.`
    : `${kept}: ${counted} remote stream${counted === 1 ? '' : 's'}. After 15 min of silence the safe plan follows.`;
}

const NEVER_HEARD = 'It was not heard since Headgate started.';
const whoIs = ({ name, kind }: Watched): string => `${kind === 'media_server' ? 'Media server' : 'Download client'} "${name}"`;
/** To the second, for people. */
const moment = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;
