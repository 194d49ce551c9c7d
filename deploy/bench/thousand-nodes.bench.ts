// A thousand nodes on one controller: all at once after a power cut, at rest, told of something new, loading it, and after the controller's own end.
import { setTimeout as wait } from 'node:timers/promises';
import { type DistributionHome, startDistributionHome } from '../test/end-to-end/fixtures/distribution-home.ts';
import { until } from '../test/end-to-end/fixtures/until.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { share, tenth, worst } from './figures.ts';
import { manifestItems } from './manifest-items.ts';
import { type NodeCrowd, openNodeCrowd } from './node-crowd.ts';
import { cpuMs, residentMb } from './process-figures.ts';
import { askWatched, WATCH } from './watched-process.ts';

const name = 'thousand-nodes';
const NODES = 1_000;
const ITEMS = 200;
/** 120 times as often as by default, so that half a minute shows something. */
const POLL_MINUTES = 0.5;
const REST_S = 30;
const DOWNLOAD_MS = 15_000;
const GIVE_UP_MS = 120_000;

export const bench: Bench = {
  name,
  async lines() {
    await using stack = new AsyncDisposableStack();
    const names = Array.from({ length: NODES }, (_, i) => `node-${i}`);
    const teardown = (end: () => unknown): void => stack.defer(async () => void (await end()));
    const home = await startDistributionHome({ teardown }, { nodes: names, level: 'info', homeAssistant: true, flags: WATCH });
    const api = await home.logIn();
    await api.call('POST', '/manifest/family.json', { items: manifestItems(ITEMS) });
    const tokens = await tokensOf(api, names);
    const crowd = stack.use(openNodeCrowd());
    const before = residentMb(home.controller.pid ?? 0);
    const stand: Stand = { home, crowd, pid: () => home.controller.pid ?? 0 };
    const order = { httpUrl: home.httpUrl, mqttUrl: home.mqttUrl, pollMinutes: POLL_MINUTES, downloadMs: DOWNLOAD_MS };
    crowd.start({ ...order, nodes: names.map((node, i) => ({ name: node, token: tokens[i] ?? '' })) });
    return [
      ...(await arriving(stand)),
      ...(await resting(stand, before)),
      ...(await hearing(stand, before)),
      ...(await asking(stand)),
      ...(await returning(stand)),
    ];
  },
};

type Api = Awaited<ReturnType<DistributionHome['logIn']>>;
type Stand = { readonly home: DistributionHome; readonly crowd: NodeCrowd; readonly pid: () => number };

async function tokensOf(api: Api, names: readonly string[]): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (const node of names) {
    const { body } = await api.call('POST', '/api/nodes', { node, groups: ['family'] });
    tokens.push((body as { readonly token: string }).token);
  }
  return tokens;
}

/** The crowd is asked seldom: it is busy. */
const isHere = async ({ crowd }: Stand, version: number): Promise<boolean> => {
  await wait(250);
  const { connected, versions } = await crowd.count();
  return connected === NODES && versions[version] === NODES;
};

async function arriving(stand: Stand): Promise<readonly BenchLine[]> {
  const ms = await until('all nodes here', () => isHere(stand, 1), {
    mostMs: GIVE_UP_MS,
    show: () => stand.home.controller.lines().slice(-5),
  });
  const line = `${NODES} nodes that start at once: on MQTT and with their manifest`;
  return [judge({ name, line, value: tenth(ms / 1_000), unit: 's' }, { atMost: 60 })];
}

const memoryLine = (line: string, before: number, pid: number): BenchLine =>
  judge(
    {
      ...{ name, line, value: tenth(residentMb(pid)), unit: 'MB' },
      baseline: { name: 'before they came', value: tenth(before) },
    },
    { atMost: 600 },
  );

/** Share of one core, in percent. */
async function loadOf(pid: number, during: () => Promise<unknown>): Promise<number> {
  const [cpu, from] = [cpuMs(pid), performance.now()];
  await during();
  return tenth((100 * (cpuMs(pid) - cpu)) / (performance.now() - from));
}

async function resting({ crowd, pid }: Stand, before: number): Promise<readonly BenchLine[]> {
  await wait(10_000);
  await askWatched(pid());
  crowd.begin();
  const percent = await loadOf(pid(), () => wait(REST_S * 1_000));
  const [{ polls, failed, reports }, { worstTurnMs }] = [await crowd.report(), await askWatched(pid())];
  const at = `at rest, ${NODES} nodes, a poll each ${POLL_MINUTES} min`;
  return [
    judge({ name, line: `${at}: CPU`, value: percent, unit: '% of a core' }, { atMost: 25 }),
    memoryLine(`${at}: memory`, before, pid()),
    judge({ name, line: `${at}: a poll, p95 of ${polls.length}`, value: tenth(share(polls, 0.95)), unit: 'ms' }, { atMost: 25 }),
    judge({ name, line: `${at}: polls that failed`, value: failed, unit: 'of them' }, { atMost: 0 }),
    judge({ name, line: `${at}: reports`, value: reports, unit: 'of them' }, { atMost: (NODES * REST_S) / 100 }),
    judge({ name, line: `${at}: longest turn of the event loop`, value: tenth(worstTurnMs), unit: 'ms' }, { atMost: 50 }),
  ];
}

async function hearing(stand: Stand, before: number): Promise<readonly BenchLine[]> {
  const { home, crowd, pid } = stand;
  const api = await home.logIn();
  await askWatched(pid());
  crowd.begin();
  const from = Date.now();
  const cpu = cpuMs(pid());
  await api.call('POST', '/manifest/family.json', { items: manifestItems(ITEMS + 1) });
  await until('the new version on all', () => isHere(stand, 2), { mostMs: GIVE_UP_MS });
  const { heardAt, fetchedAt, failed } = await crowd.report();
  await until('the new item on all', () => areWhole(crowd), { mostMs: GIVE_UP_MS });
  const [seconds, { worstTurnMs }, { reports, reportBytes }] = [
    (Date.now() - from) / 1_000,
    await askWatched(pid()),
    await crowd.report(),
  ];
  const percent = tenth((cpuMs(pid()) - cpu) / (10 * seconds));
  await until('the report of the last', () => areAllTold(api), { mostMs: GIVE_UP_MS });
  const line = 'told of a new version';
  return [
    judge(
      { name, line: `${line}: nodes that heard`, value: heardAt.filter((at) => at >= from).length, unit: 'of them' },
      { atLeast: NODES },
    ),
    judge({ name, line: `${line}: until the last had heard`, value: worst(heardAt) - from, unit: 'ms' }, { atMost: 2_000 }),
    judge(
      { name, line: `${line}: until the last node had fetched it`, value: worst(fetchedAt) - from, unit: 'ms' },
      { atMost: 4_000 },
    ),
    judge({ name, line: `${line}: requests that failed`, value: failed, unit: 'of them' }, { atMost: 0 }),
    judge(
      {
        name,
        line: `all load at once for ${DOWNLOAD_MS / 1_000} s: reports taken (${tenth(reportBytes / reports / 1_000)} KB each)`,
        value: Math.round(reports / seconds),
        unit: '/s',
      },
      { atLeast: 150 },
    ),
    judge({ name, line: 'the same: CPU', value: percent, unit: '% of a core' }, { atMost: 90 }),
    memoryLine('the same: memory', before, pid()),
    judge({ name, line: 'the same: longest turn of the event loop', value: tenth(worstTurnMs), unit: 'ms' }, { atMost: 100 }),
  ];
}

const areWhole = async (crowd: NodeCrowd): Promise<boolean> => {
  await wait(250);
  return (await crowd.count()).whole === NODES;
};

type NodeList = { readonly nodes: readonly { readonly report: { readonly items: { readonly placed: number } } | null }[] };

const areAllTold = async (api: Api): Promise<boolean> => {
  await wait(250);
  return (await api.get<NodeList>('/api/nodes')).nodes.every(({ report }) => report?.items.placed === ITEMS + 1);
};

/** What a page of the web interface costs. */
async function asking({ home, pid }: Stand): Promise<readonly BenchLine[]> {
  const api = await home.logIn();
  await askWatched(pid());
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < 5; i += 1) {
    const from = performance.now();
    bytes = (await api.call('GET', '/api/nodes')).text.length;
    times.push(performance.now() - from);
  }
  const { worstTurnMs } = await askWatched(pid());
  const line = `GET /api/nodes of ${NODES} (${Math.round(bytes / 1_000)} KB)`;
  return [
    judge({ name, line: `${line}, longest of 5`, value: tenth(worst(times)), unit: 'ms' }, { atMost: 250 }),
    judge({ name, line: `${line}: longest turn of the event loop`, value: tenth(worstTurnMs), unit: 'ms' }, { atMost: 50 }),
  ];
}

/** The controller is killed and comes again: nobody had to be told, and nobody comes too often. */
async function returning(stand: Stand): Promise<readonly BenchLine[]> {
  const { home, crowd, pid } = stand;
  await home.controller.kill();
  await wait(3_000);
  crowd.begin();
  await home.controller.start();
  await askWatched(pid());
  const ms = await until('all nodes here again', () => isHere(stand, 2), { mostMs: GIVE_UP_MS });
  const { worstTurnMs } = await askWatched(pid());
  const line = 'after a kill of the controller: all nodes on MQTT again';
  return [
    judge({ name, line, value: tenth(ms / 1_000), unit: 's' }, { atMost: 60 }),
    judge({ name, line: 'the same: longest turn of the event loop', value: tenth(worstTurnMs), unit: 'ms' }, { atMost: 500 }),
  ];
}
