// Many nodes in one process: polls, MQTT and reports by agent-node's own daemon at its own pace. Downloads are played: no disk, no bytes. A manifest is read and
// its signature checked by each node on a processor of its own; here the first that gets a text does it for all.
import { createMqttPort, type MqttPort, silentLog, systemClock } from '@headgate/agent-router/agent-ground';
import type { Agent } from '../../agent-node/src/agent.ts';
import { loadConfig } from '../../agent-node/src/config.ts';
import { createRateGate } from '../../agent-node/src/download/rate-gate.ts';
import { type AskHttp, createHttp, openAgents } from '../../agent-node/src/http.ts';
import { live } from '../../agent-node/src/live.ts';
import { fetchManifest } from '../../agent-node/src/manifest/fetch-manifest.ts';
import type { GroupFollower } from '../../agent-node/src/manifest/group-follower.ts';
import { type ManifestSource, manifestSources } from '../../agent-node/src/manifest/manifest-source.ts';
import { type ReadManifest, readManifest } from '../../agent-node/src/manifest/read-manifest.ts';
import { checkTrust, unknownGroup } from '../../agent-node/src/manifest/trust.ts';
import { createItemBoard, type ItemBoard } from '../../agent-node/src/report/item-board.ts';
import type { CrowdCount, CrowdNode, CrowdOrder, CrowdReport } from './node-crowd.ts';

type Start = Extract<CrowdOrder, { readonly kind: 'start' }>;
/** @property left items that are not there yet. */
type One = {
  readonly follower: GroupFollower;
  readonly board: ItemBoard;
  port: MqttPort | null;
  heardAt: number;
  fetchedAt: number;
  left: number;
};

const ending = new AbortController();
const crowd: One[] = [];
const counted = { polls: [] as number[], failed: 0, reports: 0, reportBytes: 0 };
const PROGRESS_EACH_MS = 250;
const FILM_BYTES = 4_000_000_000;

const timed =
  (ask: AskHttp): AskHttp =>
  async (...asking) => {
    const from = performance.now();
    try {
      const answer = await ask(...asking);
      if (answer.status >= 400) counted.failed += 1;
      counted.polls.push(performance.now() - from);
      return answer;
    } catch (error) {
      counted.failed += 1;
      throw error;
    }
  };

async function start({ name, token }: CrowdNode, { httpUrl, mqttUrl, pollMinutes, downloadMs }: Start): Promise<void> {
  const config = loadConfig(undefined, {
    ...{ MANIFEST_URL: `${httpUrl}/manifest/family.json`, DOWNLOAD_DIR: '/nowhere', CHECK_INTERVAL_MINUTES: String(pollMinutes) },
    ...{ HEADGATE_NODE_MANIFESTS_TOKEN: token, HEADGATE_NODE_ID: name },
  });
  const [source] = manifestSources(config.manifests);
  if (source === undefined) throw new Error('no manifest');
  const ground = { clock: systemClock, random: Math.random, log: silentLog };
  const follower = follow(source, timed(createHttp(openAgents(undefined))));
  const one: One = { follower, board: createItemBoard(), port: null, heardAt: 0, fetchedAt: 0, left: 0 };
  crowd.push(one);
  follower.onChange(() => {
    one.fetchedAt = Date.now();
  });
  const { hostname, port } = new URL(mqttUrl);
  const openPort = ({ will }: { will: { readonly topic: string; readonly payload: string } | undefined }): MqttPort => {
    const options = { target: { host: hostname, port: Number(port), tls: undefined }, clientId: `headgate-node-${name}` };
    one.port = watched(createMqttPort({ ...ground, options: { ...options, username: name, password: name, will } }), one);
    return one.port;
  };
  const agent = playedAgent(one, downloadMs);
  await live({ config, agent, engine: null, rescanner: null, openPort, clock: systemClock, log: silentLog }, ending.signal);
}

/** Each text is read once. */
function createReader(): (text: string) => ReadManifest {
  const read = new Map<string, ReadManifest>();
  return (text) => {
    const known = read.get(text);
    if (known !== undefined) return known;
    const manifest = readManifest(text, null);
    checkTrust(manifest, unknownGroup, null);
    read.set(text, manifest);
    return manifest;
  };
}

const readFor = createReader();

/** As a node follows its group, but for the disk and the tries again: what fails is counted. */
function follow(source: ManifestSource, http: AskHttp): GroupFollower {
  let manifest: ReadManifest | null = null;
  let etag: string | null = null;
  const listeners: (() => void)[] = [];
  return {
    source,
    manifest: () => manifest,
    problem: () => null,
    staleSinceMs: () => null,
    onChange: (listener) => void listeners.push(listener),
    async refresh(signal) {
      const fetched = await fetchManifest(source, etag, http, signal);
      if (fetched === null) return false;
      manifest = readFor(fetched.text);
      etag = fetched.etag;
      for (const listener of listeners) listener();
      return true;
    },
  };
}

function watched(port: MqttPort, one: One): MqttPort {
  return {
    ...port,
    async publish(topic, payload, options) {
      await port.publish(topic, payload, options);
      if (!topic.endsWith('/report')) return;
      counted.reports += 1;
      counted.reportBytes += payload.length;
    },
    subscribe: (filter, onMessage) =>
      port.subscribe(filter, (topic, payload, retained) => {
        if (topic.endsWith('/manifest')) one.heardAt = Date.now();
        onMessage(topic, payload, retained);
      }),
  };
}

/** What the node does with its disk. What its first manifest names it has already; what comes later takes its time. */
function playedAgent(one: One, downloadMs: number): Agent {
  const { follower, board } = one;
  let isFirst = true;
  const reconcile = async (): Promise<void> => {
    const manifest = follower.manifest();
    if (manifest === null) return;
    const known = new Set(board.rows().map(({ path }) => path));
    for (const { title, path, size = FILM_BYTES, info_hash: infoHash = null } of manifest.items) {
      if (known.has(path)) continue;
      const item = { group: manifest.group, title, path, size, infoHash };
      if (isFirst) board.set(item, { state: 'placed', bytesDone: size, bytesTotal: size });
      else void download(one, item, downloadMs * (0.5 + Math.random()));
    }
    isFirst = false;
  };
  const whole: Pick<Agent, 'followers' | 'board' | 'gate' | 'takeChanged' | 'seed' | 'freeBytes'> = {
    ...{ followers: [follower], board, gate: createRateGate(systemClock) },
    ...{ takeChanged: () => [], seed: async () => {}, freeBytes: async () => 1e12 },
  };
  const played = {
    ...whole,
    reconcile,
    // Nothing is ever written there: nobody is paused.
    paths: { state: '/nowhere' },
    queue: { look() {}, isIdle: () => true, idle: async () => {}, pause() {} },
    state: { untold: () => [], told: async () => {}, placed: () => [] },
  };
  return played as unknown as Agent;
}

async function download(one: One, item: Parameters<ItemBoard['set']>[0], ms: number): Promise<void> {
  const { board } = one;
  const size = item.size ?? FILM_BYTES;
  one.left += 1;
  const from = performance.now();
  for (let part = 0; part < 1; part = (performance.now() - from) / ms) {
    board.set(item, { state: 'downloading', bytesDone: Math.round(size * part), bytesTotal: size });
    await systemClock.sleep(PROGRESS_EACH_MS, ending.signal);
  }
  board.set(item, { state: 'placed', bytesDone: size, bytesTotal: size });
  one.left -= 1;
}

function count(): CrowdCount {
  const versions: Record<number, number> = {};
  let whole = 0;
  for (const { follower, left } of crowd) {
    const manifest = follower.manifest();
    versions[manifest?.version ?? 0] = (versions[manifest?.version ?? 0] ?? 0) + 1;
    if (manifest !== null && left === 0) whole += 1;
  }
  return { versions, whole, connected: crowd.filter(({ port }) => port?.connected() === true).length };
}

const report = (): CrowdReport => ({
  ...counted,
  heardAt: crowd.map(({ heardAt }) => heardAt),
  fetchedAt: crowd.map(({ fetchedAt }) => fetchedAt),
});

process.on('message', (order: CrowdOrder) => {
  if (order.kind === 'start')
    for (const node of order.nodes)
      start(node, order).catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
  if (order.kind === 'begin') Object.assign(counted, { polls: [], failed: 0, reports: 0, reportBytes: 0 });
  if (order.kind === 'count') process.send?.(count());
  if (order.kind === 'report') process.send?.(report());
});
process.on('disconnect', () => process.exit(0));
