// What the notifications say against what the list says: which of them need a look, and when to look again for what the list does not show yet.
import { hasSought } from '../neighbours/has-sought.ts';
import { type Remembered, SEEK_MS, type StreamMemory } from './playing-streams.ts';

/** One `playing` notification. */
export type PlayEvent = {
  /** Null: some players' reports come without. */
  readonly key: string | null;
  readonly item: string | null;
  /** Null: something plays otherwise than before, but not what. */
  readonly state: string | null;
  readonly positionMs: number | null;
};

/** An event that the list has not confirmed yet; `at` in monotonic ms. */
type Claim = { readonly event: PlayEvent; readonly at: number };

export type PlayClaims = {
  /** @returns whether the list should be asked for now */
  note(event: PlayEvent, at: number): boolean;
  /** The list was heard. @returns ms until it should be asked for again; null: it says what the events said, or never will */
  listed(list: StreamMemory, now: number): number | null;
  /** An event named this session, or what it plays. */
  hasNamed(key: string): boolean;
  /** A new socket: what the old one said is as good as the list that is asked for now. */
  forget(): void;
};

/** After the event: the list is behind by a moment, at times by a second or two. The first look is 40 ms after it, each other one about twice as long after it as the last. */
const LOOKS_MS = [200, 500, 1100, 2300, 5000, 10_000];
/** What the list did not confirm in all that time is left to the safety poll; repeated after this long, it is looked for again. */
const QUIET_MS = 5 * 60_000;

const nameOf = ({ key, item }: PlayEvent): string => key ?? `item ${item}`;

/** Whom an event may mean. Some players report without a key, and some end under a new one. */
const meant = ({ key, item, state }: PlayEvent, list: StreamMemory): readonly Remembered[] => {
  const own = key === null ? undefined : list.get(key);
  if (own) return [own];
  return key === null || state === 'stopped' ? [...list.values()].filter((each) => item !== null && each.item === item) : [];
};

const agrees = ({ event, at }: Claim, listed: Remembered): boolean => {
  if (listed.state !== null && listed.state !== event.state) return false;
  // Live TV has no ratingKey in the list (1.43.3).
  if (listed.item !== null && event.item !== null && listed.item !== event.item) return false;
  const told = { positionMs: event.positionMs, heardAt: at };
  return !(at < listed.heardAt ? hasSought(told, listed, SEEK_MS) : hasSought(listed, told, SEEK_MS));
};

/** No list can confirm what names nobody, or no state. The end of nobody is what a player sends that was stopped from afar. */
const isVague = ({ key, item, state }: PlayEvent): boolean =>
  state === null || (key === null && item === null && state !== 'stopped');

const isShown = (claim: Claim, list: StreamMemory): boolean => {
  if (isVague(claim.event)) return false;
  const found = meant(claim.event, list);
  return claim.event.state === 'stopped' ? found.length === 0 : found.some((each) => agrees(claim, each));
};

export const createPlayClaims = (): PlayClaims => {
  const claims = new Map<string, Claim>();
  /** Keys and items of sessions. */
  const named = new Set<string>();
  let known: StreamMemory = new Map();

  return {
    note(event, at) {
      const claim = { event, at };
      const name = nameOf(event);
      named.add(name);
      if (isShown(claim, known)) {
        claims.delete(name);
        return false;
      }
      const before = claims.get(name)?.event;
      if (before?.state === event.state && before.item === event.item) return isVague(event);
      claims.set(name, claim);
      return true;
    },
    listed(list, now) {
      known = list;
      let againMs: number | null = null;
      for (const [name, claim] of claims) {
        const age = now - claim.at;
        if (age > QUIET_MS || isShown(claim, list)) claims.delete(name);
        const next = claims.has(name) ? LOOKS_MS.find((look) => look > age) : undefined;
        if (next !== undefined) againMs = Math.min(againMs ?? next, next - age);
      }
      const shown = new Set([...list].flatMap(([key, { item }]) => [key, `item ${item}`]));
      for (const name of named) if (!shown.has(name) && !claims.has(name)) named.delete(name);
      return againMs;
    },
    hasNamed: (key) => named.has(key) || named.has(`item ${known.get(key)?.item}`),
    forget() {
      claims.clear();
      named.clear();
    },
  };
};
