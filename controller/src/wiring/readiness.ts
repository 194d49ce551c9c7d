// Pure: what must be right for Headgate to do its work, as /readyz and the status show it.
import type { BandwidthStatus } from '../bandwidth/bandwidth-status.ts';
import { STALE_AFTER_MS } from '../bandwidth/decide-caps.ts';
import type { ReadyCheck } from '../http/probe-routes.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { DistributionHealth } from './distribution/distribution-health.ts';

export type ReadyInput = {
  readonly status: BandwidthStatus;
  readonly mqtt: { readonly state: string; readonly since: number; readonly problem: string | null };
  readonly databaseProblems: readonly string[];
  readonly channelProblems: readonly string[];
  /** Somebody works on what servers send; null where sync is switched off. */
  readonly syncRuns: boolean | null;
  /** Null where distribution is switched off. */
  readonly distribution: DistributionHealth | null;
  readonly startedAt: number;
  readonly now: number;
};

export function readyChecks({
  status,
  mqtt,
  databaseProblems,
  channelProblems,
  syncRuns,
  distribution,
  startedAt,
  now,
}: ReadyInput): readonly ReadyCheck[] {
  const { uplink } = status;
  const silentMs = uplink.silentMs ?? 0;
  const stale = uplink.reading !== null && silentMs > STALE_AFTER_MS;
  return [
    {
      name: 'database',
      isRequired: true,
      ok: databaseProblems.length === 0,
      problem: databaseProblems.length === 0 ? null : databaseProblems.join(' '),
      since: startedAt,
    },
    { name: 'mqtt', isRequired: false, ok: mqtt.state === 'live', problem: mqtt.problem, since: mqtt.since },
    {
      name: 'router',
      isRequired: false,
      ok: !stale,
      problem: stale ? `no sample for ${Math.round(silentMs / 1000)} s` : null,
      since: stale ? now - silentMs : startedAt,
    },
    {
      name: 'capacity',
      isRequired: false,
      ok: status.capacityUpBps !== null,
      problem:
        status.capacityUpBps === null
          ? 'the upload capacity is not known: set uplink.upload, or let a router agent with SQM tell it'
          : null,
      since: startedAt,
    },
    {
      name: 'channels',
      isRequired: false,
      ok: channelProblems.length === 0,
      problem: channelProblems.length === 0 ? null : channelProblems.join('; '),
      since: startedAt,
    },
    ...(syncRuns === null ? [] : [syncCheck(syncRuns, startedAt)]),
    ...(distribution === null ? [] : distributionChecks(distribution, startedAt)),
    ...[...status.mediaServers, ...status.torrentClients].map(({ name, health }) => neighbourCheck(name, health, startedAt)),
  ];
}

const syncCheck = (ok: boolean, startedAt: number): ReadyCheck => ({
  name: 'sync',
  isRequired: true,
  ok,
  problem: ok ? null : 'nobody works on what servers send',
  since: startedAt,
});

const distributionChecks = ({ runs, seederProblem, nodesProblem }: DistributionHealth, since: number): readonly ReadyCheck[] => [
  {
    ...{ name: 'distribution', isRequired: true, ok: runs, since },
    problem: runs ? null : 'nobody looks after what is shared',
  },
  { name: 'seeder', isRequired: false, ok: seederProblem === null, problem: seederProblem, since },
  { name: 'nodes', isRequired: false, ok: nodesProblem === null, problem: nodesProblem, since },
];

function neighbourCheck(name: string, health: NeighbourHealth | null, startedAt: number): ReadyCheck {
  const isRequired = false;
  if (health === null) return { name, isRequired, ok: false, problem: 'not heard yet', since: startedAt };
  return {
    name,
    isRequired,
    ok: health.state === 'live' || health.state === 'polling',
    problem: health.problem,
    since: health.since,
  };
}
