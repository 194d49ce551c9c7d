// Happenings as events for people: who is away or back, what was set aside, what met, whose clock is off, whose hooks get lost. Many of one kind are one event.
import type { SyncHappening } from '../happenings.ts';
import type { ServerClocks } from '../state/server-clocks.ts';

export type ToldEvent = {
  readonly type:
    | 'sync_server_away'
    | 'sync_server_back'
    | 'sync_set_aside'
    | 'sync_first_meeting'
    | 'sync_clock_off'
    | 'sync_hooks_lost'
    | 'sync_hooks_back';
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
};

export type TellHappenings = {
  happened(happened: SyncHappening): void;
  /** Called each few seconds: what was gathered is told, and clocks are looked at. */
  look(): void;
};

/** A server that refuses everything sets aside thousands. */
const APART_MS = 60_000;
/** So much more than a clock may be wrong that somebody should set it: changes on such a server lose or win wrongly. */
const SKEW_MS = 10_000;

type Deps = {
  readonly servers: readonly string[];
  readonly clocks: Pick<ServerClocks, 'skew'>;
  readonly tell: (event: ToldEvent) => void;
  nowMs(): number;
};

export function createTellHappenings(deps: Deps): TellHappenings {
  const letters = createLetters(deps);
  const off = new Set<string>();
  return {
    happened(happened) {
      if (happened.kind === 'dead-letter') letters.add(happened);
      const event = eventOf(happened);
      if (event !== null) deps.tell(event);
    },
    look() {
      letters.look();
      for (const server of deps.servers) {
        const skew = deps.clocks.skew(server);
        const isOff = skew !== null && Math.abs(skew.ms) - skew.plusMinusMs >= SKEW_MS;
        if (!isOff) off.delete(server);
        if (!isOff || off.has(server)) continue;
        off.add(server);
        deps.tell(clockOff(server, skew.ms));
      }
    },
  };
}

type Letter = Extract<SyncHappening, { readonly kind: 'dead-letter' }>;

/** The first one at once; what comes within the next minute together. */
function createLetters({ tell, nowMs }: Deps) {
  const waiting = new Map<string, { last: Letter; count: number }>();
  const toldMs = new Map<string, number>();
  const look = (): void => {
    for (const [server, { last, count }] of waiting) {
      if (nowMs() - (toldMs.get(server) ?? Number.NEGATIVE_INFINITY) < APART_MS) continue;
      waiting.delete(server);
      toldMs.set(server, nowMs());
      tell(setAside(last, count));
    }
  };
  return {
    look,
    add(letter: Letter): void {
      waiting.set(letter.server, { last: letter, count: (waiting.get(letter.server)?.count ?? 0) + 1 });
      look();
    },
  };
}

const setAside = ({ server, person, itemName, problem }: Letter, count: number): ToldEvent => ({
  type: 'sync_set_aside',
  severity: 'warning',
  text: `${itemName} of ${person} could not be brought to ${server} and was set aside: ${problem}${count > 1 ? ` (and ${count - 1} more)` : ''}`,
  details: { server, person, item: itemName, problem, count },
});

const clockOff = (server: string, ms: number): ToldEvent => ({
  type: 'sync_clock_off',
  severity: 'warning',
  text: `the clock of ${server} is ${Math.round(Math.abs(ms) / 1_000)} s ${ms > 0 ? 'ahead of' : 'behind'} ours; it is allowed for, but should be set`,
  details: { server, skew_s: Math.round(ms / 1_000) },
});

function eventOf(happened: SyncHappening): ToldEvent | null {
  if (happened.kind === 'away') {
    const { server, problem } = happened;
    const text = `${server} does not answer: what is for it waits (${problem})`;
    return { type: 'sync_server_away', severity: 'warning', text, details: { server, problem } };
  }
  if (happened.kind === 'back') {
    const { server, awayMs } = happened;
    const awayS = Math.round(awayMs / 1_000);
    const text = `${server} answers again after ${awayS} s; what waited is brought to it`;
    return { type: 'sync_server_back', severity: 'info', text, details: { server, away_s: awayS } };
  }
  if (happened.kind === 'hook-lost' && happened.isFirst) {
    const { server } = happened;
    const text = `hooks of ${server} get lost: something was played there and none came; it was found by looking`;
    return { type: 'sync_hooks_lost', severity: 'warning', text, details: { server } };
  }
  if (happened.kind === 'hooks-back') {
    const { server } = happened;
    return { type: 'sync_hooks_back', severity: 'info', text: `hooks of ${server} come again`, details: { server } };
  }
  if (happened.kind === 'met') {
    const { server, person, touched, joined } = happened;
    const text = `${person} on ${server} was compared whole for the first time: ${touched} items touched, ${joined} with news for others`;
    return { type: 'sync_first_meeting', severity: 'info', text, details: { server, person, touched, joined } };
  }
  return null;
}
