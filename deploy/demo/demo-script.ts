// Who comes and goes in the demo: a small family whose evening passes in seconds.
import { setTimeout as wait } from 'node:timers/promises';
import { measurePlexStart, measureStart } from './cap-latency.ts';
import type { HomeObserver } from './home-observer.ts';
import type { PlexSimulator } from './plex/plex-simulator.ts';
import type { SimulatedHome } from './simulated-home.ts';

export const PEOPLE = [
  { name: 'anna' },
  { name: 'ben', limitBps: 8_000_000 },
  { name: 'cleo' },
  { name: 'dora' },
  { name: 'emil' },
];

/** From outside, by phone, from the sofa, over IPv6. */
const ADDRESSES: Readonly<Record<string, string>> = {
  anna: '203.0.113.9',
  ben: '198.51.100.7',
  cleo: '192.168.1.30',
  dora: '2001:db8:77::5',
  emil: '203.0.113.40',
};
const FILMS = ['Big Test Movie', 'The Weir', 'Upstream', 'Cap Film', 'Long Film'];

const PLEX_EACH = 3;
const PLEX_FRIEND = 'fritz';

export type Evening = { readonly streamsStarted: number; readonly latenciesMs: readonly number[]; readonly missed: number };
export type Say = (line: string) => void;

/** Runs until the signal fires: somebody starts, watches some seconds, leaves; two or three at a time. Each third one watches at Plex. */
export async function playEvening(home: SimulatedHome, observer: HomeObserver, say: Say, signal: AbortSignal): Promise<Evening> {
  const latenciesMs: number[] = [];
  const watching: Watching[] = [];
  let started = 0;
  let missed = 0;
  for (let turn = 0; !signal.aborted; turn += 1) {
    const film = FILMS[turn % FILMS.length] ?? '';
    const { who, where, ms, leave } =
      turn % PLEX_EACH === PLEX_EACH - 1 && home.plex !== null
        ? await startAtPlex(home, home.plex, observer, film)
        : await startAtJellyfin(home, observer, { turn, film });
    started += 1;
    if (ms === undefined) say(`${who} plays ${film} at home: no cap, no uplink.`);
    else {
      if (ms === null) missed += 1;
      else latenciesMs.push(ms);
      const soon = ms === null ? '' : `; everything right after ${Math.round(ms)} ms`;
      say(`${who} plays ${film} from outside, ${where}${soon}. ${observer.state()?.reason ?? ''}`);
    }
    watching.push({ who, leave });
    await wait(2_500, undefined, { signal }).catch(() => {});
    if (watching.length > 2) {
      const leaving = watching.shift();
      await leaving?.leave();
      say(`${leaving?.who} leaves.`);
      await settled(observer);
    }
  }
  await Promise.all(watching.map(({ leave }) => leave()));
  return { streamsStarted: started, latenciesMs, missed };
}

/** Plex lists a stream for a moment after its end: the next start is only counted against a list that stands. */
async function settled(observer: HomeObserver): Promise<void> {
  for (let same = 0, count = -1, looks = 0; same < 5 && looks < 30; looks += 1) {
    const now = observer.state()?.remote_streams ?? 0;
    same = now === count ? same + 1 : 0;
    count = now;
    await wait(100);
  }
}

type Watching = { readonly who: string; readonly leave: () => Promise<unknown> };
/** `ms`: until everything was right; null where it never was, undefined where there was nothing to do. */
type Started = Watching & { readonly where: string; readonly ms: number | null | undefined };

async function startAtJellyfin(
  home: SimulatedHome,
  observer: HomeObserver,
  { turn, film }: { readonly turn: number; readonly film: string },
): Promise<Started> {
  const { name: who } = PEOPLE[turn % PEOPLE.length] ?? { name: 'anna' };
  const viewer = home.jellyfin.viewer({ user: who, address: ADDRESSES[who] ?? '203.0.113.9', device: `Screen ${turn}` });
  const item = home.jellyfin.items.find(({ name }) => name.startsWith(film))?.id ?? '';
  const leave = () => viewer.leave();
  if (who !== 'cleo') return { who, where: 'by Jellyfin', ms: await measureStart(home, observer, { viewer, item }), leave };
  await viewer.play(item);
  return { who, where: 'at home', ms: undefined, leave };
}

async function startAtPlex(home: SimulatedHome, plex: PlexSimulator, observer: HomeObserver, film: string): Promise<Started> {
  const viewer = plex.viewer({ user: PLEX_FRIEND, address: '198.51.100.70', location: 'wan' });
  const ms = await measurePlexStart(home, observer, { viewer, what: { title: film, bitrateKbps: 4_000 } });
  return { who: PLEX_FRIEND, where: 'by Plex', ms, leave: () => viewer.leave() };
}
