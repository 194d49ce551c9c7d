// Pure: what is not well with what is shared, as sentences.
import type { TorrentState } from '@headgate/agent-node/torrent-engine';
import type { NodeSeen } from '../../distribution/nodes.ts';
import type { Seed } from '../../distribution/seed.ts';

export type DistributionHealth = {
  /** Somebody looks after what is shared. */
  readonly runs: boolean;
  /** Null while all that is shared is seeded. */
  readonly seederProblem: string | null;
  /** Null while each node that was heard still speaks. */
  readonly nodesProblem: string | null;
};

type SeedFacts = Pick<Seed, 'path' | 'state' | 'problem'>;
const MOST_NAMED = 5;

type Facts = {
  readonly runs: boolean;
  readonly seeds: readonly SeedFacts[];
  readonly torrents: readonly Pick<TorrentState, 'problem'>[];
  readonly nodes: readonly Pick<NodeSeen, 'node' | 'staleSince'>[];
};

export const healthOf = ({ runs, seeds, torrents, nodes }: Facts): DistributionHealth => ({
  runs,
  seederProblem: seederProblemOf(seeds, torrents),
  nodesProblem: nodesProblemOf(nodes),
});

function seederProblemOf(seeds: Facts['seeds'], torrents: Facts['torrents']): string | null {
  const bad = seeds.filter(({ problem }) => problem !== null);
  const [first] = bad;
  if (first !== undefined) return `${bad.length} of ${seeds.length} seeds: ${first.path}: ${first.problem}`;
  const problems = torrents.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  return problems.length === 0 ? null : `${problems.length} of ${torrents.length} torrents: ${problems[0]}`;
}

function nodesProblemOf(nodes: Facts['nodes']): string | null {
  const silent = nodes.flatMap(({ node, staleSince }) => (staleSince === null ? [] : [{ node, staleSince }]));
  if (silent.length === 0) return null;
  const named = silent
    .slice(0, MOST_NAMED)
    .map(({ node, staleSince }) => `${node} since ${new Date(staleSince).toISOString()}`)
    .join(', ');
  return `${silent.length} of ${nodes.length} silent: ${named}${silent.length > MOST_NAMED ? ', …' : ''}`;
}
