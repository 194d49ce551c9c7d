// Divides what seeding may send among the torrent process, the web seed and the nodes of this site, twice a second; what they fetch from elsewhere likewise.
import type { TorrentEngine } from '@headgate/agent-node/torrent-engine';
import type { NodeReport } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { createBell } from '../neighbours/bell.ts';
import type { NodeLease, NodeLeases } from './node-leases.ts';
import type { KnownNode } from './node-tokens.ts';
import type { NodeSeen } from './nodes.ts';
import type { SeedingClient, UplinkRates } from './seeding-client.ts';
import type { SendGate } from './send-gate.ts';
import { nextWishes, type Sender, shareUplink, type Wishes } from './uplink-shares.ts';

export type UplinkSplitDeps = {
  readonly seeding: SeedingClient;
  readonly engine: Pick<TorrentEngine, 'limit' | 'rates'>;
  readonly gate: Pick<SendGate, 'limit' | 'usedBps' | 'isWaited'>;
  readonly nodes: () => readonly NodeSeen[];
  readonly nodeOf: (node: string) => KnownNode | null;
  /** Of this place. */
  readonly site: string;
  readonly leases: NodeLeases;
  readonly clock: Clock;
};

type Moves = UplinkRates & { readonly sends: boolean; readonly fetches: boolean };
/** A node of this site, that is there. */
type HomeNode = Moves & { readonly node: string };

const TURN_MS = 500;
const [ENGINE, WEB] = ['torrents', 'web seed'];
const nodeId = (node: string): string => `node ${node}`;

/** Until the signal fires; then no limit of ours stands. Never rejects. */
export async function runUplinkSplit(deps: UplinkSplitDeps, signal: AbortSignal): Promise<void> {
  const { seeding, engine, gate, leases, clock } = deps;
  const bell = createBell(clock);
  const homeNodes = createHomeNodes(deps);
  const turn = createTurn(deps, homeNodes);
  const ends = [seeding.onChange(bell.ring), seeding.measure(() => ratesOf(deps, homeNodes()))];
  while (!signal.aborted) {
    turn();
    await bell.wait(TURN_MS, signal).catch(() => {});
  }
  for (const end of ends) end();
  engine.limit({ upBps: null, downBps: null });
  gate.limit(null);
  await leases.liftAll();
}

function ratesOf(
  { engine, gate, leases }: UplinkSplitDeps,
  homeNodes: readonly HomeNode[],
): UplinkRates & { readonly fetches: boolean } {
  // A node's report may be some seconds old, and its lease is not.
  const nodesNow = homeNodes.map(({ node, upBps, downBps }) => {
    const lease = leases.given(node);
    return { upBps: Math.min(upBps, lease?.upBps ?? upBps), downBps: Math.min(downBps, lease?.downBps ?? downBps) };
  });
  const sum = (rate: (rates: UplinkRates) => number): number =>
    [engine.rates(), ...nodesNow].reduce((all, one) => all + rate(one), 0);
  return {
    upBps: sum(({ upBps }) => upBps) + gate.usedBps(),
    downBps: sum(({ downBps }) => downBps),
    fetches: homeNodes.some(({ fetches }) => fetches),
  };
}

/** Both its token and the node itself must say that it is here: a limit of this uplink is none of another's business. */
const createHomeNodes = ({ nodes, nodeOf, site }: UplinkSplitDeps) => {
  const known = new WeakMap<NodeReport, Moves>();
  return (): readonly HomeNode[] =>
    nodes().flatMap(({ node, report, isOnline }) => {
      if (report === null || isOnline !== true || report.site !== site || (nodeOf(node)?.site ?? site) !== site) return [];
      const moves = known.get(report) ?? movesOf(report);
      known.set(report, moves);
      return [{ node, ...moves }];
    });
};

function movesOf(report: NodeReport): Moves {
  const upBps = report.away_up_bps ?? report.up_bps;
  const fetches = report.items.some(({ state }) => state === 'downloading');
  // Its last report may be of the moment when it had just come to the end.
  const downBps = fetches ? (report.away_down_bps ?? 0) : 0;
  return { upBps, downBps, fetches, sends: upBps > 0 || fetches || report.items.some(({ seeding }) => seeding) };
}

function createTurn(
  { seeding, engine, gate, leases, clock }: UplinkSplitDeps,
  homeNodesNow: () => readonly HomeNode[],
): () => void {
  const up = createDirection(clock);
  const down = createDirection(clock);
  let engineBps: number | null = null;
  return () => {
    const limits = seeding.limits();
    const homeNodes = homeNodesNow();
    const ofNode = (direction: 'upBps' | 'downBps', one: HomeNode): Sender => ({
      id: nodeId(one.node),
      usedBps: one[direction],
      givenBps: leases.given(one.node)?.[direction] ?? null,
      isWaited: false,
      // Of what is fetched nobody but nodes has a part.
      isQuick: direction === 'downBps',
    });
    const senders = homeNodes.filter(({ sends }) => sends).map((one) => ofNode('upBps', one));
    const fetchers = homeNodes.filter(({ fetches }) => fetches).map((one) => ofNode('downBps', one));
    const sent = up(
      limits.upBps,
      [
        { id: ENGINE, usedBps: engine.rates().upBps, isWaited: false },
        { id: WEB, usedBps: gate.usedBps(), isWaited: gate.isWaited() },
      ],
      senders,
    );
    const fetched = down(limits.downBps, [], fetchers);
    // Who gets less is told before another gets more.
    leases.want(leasesOf(homeNodes, sent, fetched));
    gate.limit(sent(WEB));
    if (engineBps !== sent(ENGINE)) engine.limit({ upBps: sent(ENGINE), downBps: null });
    engineBps = sent(ENGINE);
  };
}

type Shares = (id: string) => number | null;

function leasesOf(homeNodes: readonly HomeNode[], sent: Shares, fetched: Shares): ReadonlyMap<string, NodeLease> {
  const wanted = new Map<string, NodeLease>();
  for (const { node } of homeNodes) {
    const lease = { upBps: sent(nodeId(node)), downBps: fetched(nodeId(node)) };
    if (lease.upBps !== null || lease.downBps !== null) wanted.set(node, lease);
  }
  return wanted;
}

type Own = Pick<Sender, 'id' | 'usedBps' | 'isWaited'>;

/** Remembers what each was given, and who wanted more. Answers with each one's share: null where nothing limits it, 0 where all is stopped. */
function createDirection(clock: Clock) {
  let wishes: Wishes = new Map();
  let given: ReadonlyMap<string, number> | null = null;
  return (totalBps: number | null, own: readonly Own[], others: readonly Sender[]): Shares => {
    const before = given;
    const senders = [...own.map((one): Sender => ({ ...one, givenBps: before?.get(one.id) ?? null, isQuick: true })), ...others];
    wishes = nextWishes(wishes, senders, clock.monotonic());
    given = totalBps === null || totalBps === 0 ? null : shareUplink(totalBps, senders, wishes);
    const now = given;
    const isIn = new Set(senders.map(({ id }) => id));
    return (id) => (!isIn.has(id) || totalBps === null ? null : totalBps === 0 ? 0 : (now?.get(id) ?? 0));
  };
}
