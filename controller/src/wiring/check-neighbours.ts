// `--test`: one line per check, PASS or FAIL with the reason; every peer that is dead is named.
import { allocateCaps } from '../bandwidth/allocate-caps.ts';
import { builtInAllocators } from '../bandwidth/allocators/built-in.ts';
import { locateViewer } from '../bandwidth/viewer-location.ts';
import type { Config } from '../config/config-schema.ts';
import { messageOf } from '../errors.ts';
import { homeRanges } from './bandwidth-of-config.ts';
import { channelsLine } from './check-channels.ts';
import { distributionLines } from './check-distribution.ts';
import { type CheckDeps, hearRouter } from './hear-router.ts';
import { notifyLines } from './notifications/check-notify.ts';
import { openNeighbours } from './open-neighbours.ts';
import { VERSION } from './version.ts';

export const PARTS = [
  'network',
  'router',
  'jellyfin',
  'plex',
  'torrents',
  'bandwidth',
  'mqtt',
  'channels',
  'distribution',
  'notify',
] as const;
export type Part = (typeof PARTS)[number] | 'all';
export const isPart = (text: string): text is Part => text === 'all' || PARTS.some((part) => part === text);

type Check = { readonly name: string; readonly run: (signal: AbortSignal) => Promise<string>; readonly withinMs?: number };

const EACH_MS = 10_000;
/** What has a key to switch it off. */
const SWITCHED: readonly Part[] = ['channels', 'distribution'];
/** ffmpeg is run several times, on what may be a small machine. */
const FFMPEG_MS = 30_000;

/** 0 where every check passed, else 1. Ends within seconds also where nobody answers. */
export async function checkNeighbours(
  deps: CheckDeps,
  { part, say }: { readonly part: Part; readonly say: (line: string) => void },
  signal: AbortSignal,
): Promise<number> {
  await using neighbours = openNeighbours({ ...deps, deviceId: 'headgate-test', version: VERSION });
  const named = ({ name }: { readonly name: string }, check: Check['run']): Check => ({ name, run: check });
  const serversOf = (type: 'jellyfin' | 'plex'): readonly Check[] =>
    neighbours.servers.filter((server) => server.type === type).map((server) => named(server, (limit) => server.check(limit)));
  const checks: Record<(typeof PARTS)[number], readonly Check[]> = {
    network: [{ name: 'network', run: async () => networkLine(deps.config) }],
    router: [
      { name: 'router', run: async (limit) => lineWithoutRouter(deps.config) ?? (await hearRouter(deps, 'router', limit)) },
    ],
    jellyfin: serversOf('jellyfin'),
    plex: serversOf('plex'),
    torrents: neighbours.clients.map((client) => named(client, (limit) => client.check(limit))),
    bandwidth: [{ name: 'bandwidth', run: async () => bandwidthLine(deps.config) }],
    mqtt: [{ name: 'mqtt', run: (limit) => hearRouter(deps, 'broker', limit) }],
    channels: deps.config.channels.enabled
      ? [{ name: 'channels', run: (limit) => channelsLine(deps, limit), withinMs: FFMPEG_MS }]
      : [],
    distribution: distributionLines(deps),
    notify: notifyLines(deps),
  };
  let failures = 0;
  for (const { name, run, withinMs = EACH_MS } of part === 'all' ? PARTS.flatMap((each) => checks[each]) : checks[part]) {
    try {
      say(`PASS ${name}: ${await run(AbortSignal.any([signal, AbortSignal.timeout(withinMs)]))}`);
    } catch (error) {
      failures += 1;
      say(`FAIL ${name}: ${messageOf(error)}`);
    }
  }
  if (part !== 'all' && checks[part].length === 0)
    say(`PASS ${part}: ${SWITCHED.includes(part) ? `${part}.enabled is false` : 'none is configured'}`);
  return failures === 0 ? 0 : 1;
}

/** Null where a router agent may speak. A home without one needs the line's rate, and nothing else. */
function lineWithoutRouter({ mqtt: { broker }, uplink: { uploadBps } }: Config): string | null {
  if (broker.kind === 'external' || broker.users.some(({ role }) => role === 'router')) return null;
  const why = 'no user of mqtt.users has the role router';
  if (uploadBps === null)
    throw new Error(`uplink.upload is auto, and ${why} that could tell the rate: let a router agent in, or write the rate`);
  return `none is configured: ${why}. uplink.upload is ${(uploadBps / 1e6).toFixed(1)} Mbit/s as written; other traffic is not known`;
}

/** Addresses whose place nobody doubts; a range that swallows them is a mistake that would cap nobody, or everybody. */
const PLACES = [
  ['127.0.0.1', 'home'],
  ['203.0.113.9', 'remote'],
  ['2001:db8::9', 'remote'],
] as const;

function networkLine(config: Config): string {
  const ranges = homeRanges(config);
  const said = PLACES.map(([address, place]) => ({ address, place, is: locateViewer(address, ranges, null).place }));
  const wrong = config.network.testMode ? [] : said.filter(({ place, is }) => place !== is);
  if (wrong.length > 0)
    throw new Error(
      wrong.map(({ address, place, is }) => `network.local_ranges: ${address} counts as ${is}, not ${place}`).join('; '),
    );
  return `${config.network.localRanges.length} local and ${config.network.vpnRanges.length} VPN ranges; ${said.map(({ address, is }) => `${address} is ${is}`).join(', ')}`;
}

/** Golden numbers: three streams of 8, 4 and 2 Mbit/s on 12 Mbit/s, by each algorithm. */
const GOLDEN: Readonly<Record<string, readonly number[]>> = { equal: [4, 4, 4], priority: [6, 4, 2], demand: [6.5, 3, 1.5] };

function bandwidthLine(config: Config): string {
  const claims = [8, 4, 2].map((mbit, i) => ({
    viewer: `viewer${i}`,
    demandBps: mbit * 1e6,
    weight: 3 - i,
    minBps: 1e6,
    maxBps: 50e6,
  }));
  for (const [name, golden] of Object.entries(GOLDEN)) {
    const allocator = builtInAllocators[name];
    if (!allocator) throw new Error(`algorithm ${name} is missing`);
    const { caps } = allocateCaps(allocator, { availableBps: 12e6, claims, boosts: new Map(), stepBps: 500_000 });
    const got = [...caps.values()].map((bps) => bps / 1e6);
    if (got.join() !== golden.join())
      throw new Error(`algorithm ${name} gives ${got.join(', ')} Mbit/s where ${golden.join(', ')} is right`);
  }
  const { algorithm, minPerViewerBps, maxPerViewerBps } = config.bandwidth;
  return `${Object.keys(GOLDEN).length} algorithms give their golden numbers; ${algorithm} is used, ${minPerViewerBps / 1e6} to ${maxPerViewerBps / 1e6} Mbit/s a viewer`;
}
