// Who comes and goes in the demo: a small family whose evening passes in seconds.
import { setTimeout as wait } from 'node:timers/promises';
import { measureStart } from './cap-latency.ts';
import type { HomeObserver } from './home-observer.ts';
import type { Viewer } from './jellyfin/viewer.ts';
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

export type Evening = { readonly streamsStarted: number; readonly latenciesMs: readonly number[]; readonly missed: number };
export type Say = (line: string) => void;

/** Runs until the signal fires: somebody starts, watches some seconds, leaves; two or three at a time. */
export async function playEvening(home: SimulatedHome, observer: HomeObserver, say: Say, signal: AbortSignal): Promise<Evening> {
  const latenciesMs: number[] = [];
  const watching: Viewer[] = [];
  let started = 0;
  let missed = 0;
  for (let turn = 0; !signal.aborted; turn += 1) {
    const { name } = PEOPLE[turn % PEOPLE.length] ?? { name: 'anna' };
    const film = FILMS[turn % FILMS.length] ?? '';
    const viewer = home.jellyfin.viewer({ user: name, address: ADDRESSES[name] ?? '203.0.113.9', device: `Screen ${turn}` });
    const item = home.jellyfin.items.find((one) => one.name.startsWith(film))?.id ?? '';
    const isRemote = name !== 'cleo';
    started += 1;
    if (isRemote) {
      const ms = await measureStart(home, observer, { viewer, item });
      if (ms === null) missed += 1;
      else latenciesMs.push(ms);
      say(
        `${name} plays ${film} from outside${ms === null ? '' : `; everything right after ${Math.round(ms)} ms`}. ${observer.state()?.reason ?? ''}`,
      );
    } else {
      await viewer.play(item);
      say(`${name} plays ${film} at home: no cap, no uplink.`);
    }
    watching.push(viewer);
    await wait(2_500, undefined, { signal }).catch(() => {});
    if (watching.length > 2) {
      const leaving = watching.shift();
      await leaving?.leave();
      say(`${leaving?.identity.user} leaves.`);
    }
  }
  await Promise.all(watching.map((viewer) => viewer.leave()));
  return { streamsStarted: started, latenciesMs, missed };
}
