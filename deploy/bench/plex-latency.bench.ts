// Stream start at Plex -> torrent limit set, by socket and with the socket refused, beside two pollers at the same Plex; and an hour of pauses.
import { setTimeout as wait } from 'node:timers/promises';
import { watchRestlessHour } from '../../controller/test/bandwidth/fixtures/restless-hour.ts';
import { measurePlexStart } from '../demo/cap-latency.ts';
import { type HomeObserver, observeHome } from '../demo/home-observer.ts';
import type { PlexSimulator } from '../demo/plex/plex-simulator.ts';
import { type QbittorrentSimulator, startQbittorrentSimulator } from '../demo/qbittorrent/start-qbittorrent-simulator.ts';
import { type SimulatedHome, startSimulatedHome } from '../demo/simulated-home.ts';
import { until } from '../test/end-to-end/fixtures/until.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { p95 } from './p95.ts';
import { type Rival, type RivalPlaces, startPlexHelper, startSpeedarr } from './rival-pollers.ts';

const STARTS_BY_SOCKET = 20;
const STARTS_BY_POLL = 6;
const MUST_SOCKET_MS = 500;
const MUST_POLL_MS = 6_000;
const PASSWORD = 'rival';
const name = 'plex-latency';

export const bench: Bench = { name, lines };

async function lines(): Promise<BenchLine[]> {
  await using home = await startSimulatedHome({ plex: {}, otherBps: 2_000_000, config: { bandwidth: { restore_after: '1s' } } });
  const { plex } = home;
  if (plex === null) throw new Error('the home has no Plex');
  await home.start();
  await using observer = await observeHome(home);
  await until('a capacity', () => (observer.state()?.capacity_up_bps ?? null) !== null, { mostMs: 30_000 });
  await wait(2_000);
  await using helper = await openRival(plex, startPlexHelper);
  const bySocket = await starts({ home, plex, observer, rival: helper }, STARTS_BY_SOCKET);
  plex.refuseSockets(true);
  plex.dropSockets();
  await using speedarr = await openRival(plex, startSpeedarr);
  await wait(1_500);
  const byPoll = await starts({ home, plex, observer, rival: speedarr }, STARTS_BY_POLL);
  const beside = ({ label, found }: OpenRival) => ({ name: `${label}, p95`, value: p95(found) });
  return [
    judge(
      { name, line: `${bySocket.length} starts by socket, p95`, value: p95(bySocket), unit: 'ms', baseline: beside(helper) },
      { atMost: MUST_SOCKET_MS },
    ),
    judge(
      {
        name,
        line: `${byPoll.length} starts with the socket refused, slowest`,
        value: Math.max(...byPoll),
        unit: 'ms',
        baseline: beside(speedarr),
      },
      { atMost: MUST_POLL_MS },
    ),
    await flaps(),
  ];
}

/** On a fake clock: the same hour for everybody, whatever the machine. */
async function flaps(): Promise<BenchLine> {
  const { changes, writes } = await watchRestlessHour({ seed: 1, at: 'plex', pauseGraceMs: 60_000, mostPauseS: 100 });
  const baseline = { name: 'who follows each change', value: changes };
  const line = 'limits written in an hour of pauses, seeks and buffering';
  return judge({ name, line, value: writes.length, unit: 'writes', baseline }, { atMost: 0 });
}

type Stage = {
  readonly home: SimulatedHome;
  readonly plex: PlexSimulator;
  readonly observer: HomeObserver;
  readonly rival: OpenRival;
};

async function starts({ home, plex, observer, rival }: Stage, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const viewer = plex.viewer({ user: `friend-${i}`, address: `203.0.113.${10 + i}`, location: 'wan' });
    const began = performance.now();
    const late = rival.throttles(began);
    const ms = await measurePlexStart(home, observer, { viewer, what: { bitrateKbps: 4_000 + i * 100 } }, 15_000);
    if (ms === null) throw new Error(`start ${i} was never right`);
    found.push(Math.round(ms));
    await late;
    await viewer.leave();
    await until('idle, the rival too', () => observer.state()?.mode === 'idle' && rival.isIdle(), { mostMs: 30_000 });
    // Starts come at any moment of a poller's turn.
    await wait(Math.random() * 1_000);
  }
  return found;
}

type OpenRival = AsyncDisposable & {
  readonly label: string;
  /** Ms from each start to its limit. */
  readonly found: readonly number[];
  throttles(since: number): Promise<void>;
  isIdle(): boolean;
};

/** A rival with a qBittorrent of its own, so that nobody's limit is another's. */
async function openRival(plex: PlexSimulator, start: (places: RivalPlaces) => Rival): Promise<OpenRival> {
  const torrents: QbittorrentSimulator = await startQbittorrentSimulator({ version: '5.2.3', password: PASSWORD });
  const rival = start({ plexUrl: plex.url, plexToken: plex.token, torrentsUrl: torrents.url, torrentsPassword: PASSWORD });
  const found: number[] = [];
  const isIdle = (): boolean => torrents.settings().up_limit === 0;
  return {
    label: rival.name,
    found,
    isIdle,
    async throttles(since) {
      await until(`a limit of ${rival.name}`, () => !isIdle(), { mostMs: 30_000 });
      found.push(Math.round(performance.now() - since));
    },
    async [Symbol.asyncDispose]() {
      await rival[Symbol.asyncDispose]();
      await torrents[Symbol.asyncDispose]();
    },
  };
}
