// The nodes over REST: who may read, and how far each is.
import type { NodeReport } from '@headgate/protocol';
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { nothing, type Route, route } from '../http/route.ts';
import { groupParam } from './manifest-routes.ts';
import type { KnownNode, NodeTokens } from './node-tokens.ts';
import type { NodeSeen, Nodes } from './nodes.ts';

const tags = ['distribution'];
/** As MQTT topics have it. */
const nodeName = groupParam;

const known = z.object({ node: z.string(), site: z.string(), groups: z.array(z.string()), created_at: z.iso.datetime() });
const stateNames = ['waiting', 'skipped', 'downloading', 'verifying', 'placed', 'quarantined', 'failed', 'leaving'] as const;
type State = (typeof stateNames)[number];

const view = z.object({
  node: z.string(),
  /** Null where it reports, but has no token here. */
  access: z.nullable(known.omit({ node: true })),
  online: z.nullable(z.boolean()),
  version: z.nullable(z.string()),
  heard_at: z.nullable(z.iso.datetime()),
  /** Null before its first report. */
  report: z.nullable(
    z.object({
      at: z.string(),
      site: z.string(),
      paused: z.boolean(),
      free_bytes: z.nullable(z.number()),
      up_bps: z.number(),
      down_bps: z.number(),
      /** With since when each could not be fetched. */
      groups: z.array(
        z.object({
          group: z.string(),
          version: z.nullable(z.number()),
          stale_since: z.nullable(z.string()),
          problem: z.nullable(z.string()),
        }),
      ),
      /** How many items are in which state. */
      items: z.record(z.enum(stateNames), z.int()),
      /** Of those that are not placed. */
      bytes_done: z.number(),
      bytes_total: z.number(),
      /** The first of them. */
      problems: z.array(z.object({ group: z.string(), path: z.string(), problem: z.string() })),
    }),
  ),
});
const wholeView = view.extend({
  items: z
    .custom<NodeReport['items']>(() => true)
    .meta({
      description: 'As in its report on MQTT, node/{node}/report: state, bytes, rates, peers and problem of each',
      type: 'array',
    }),
});

const MAX_PROBLEMS = 20;

export type NodeRoutesDeps = {
  readonly tokens: NodeTokens;
  readonly nodes: Pick<Nodes, 'all' | 'get'>;
  /** Of this place. */
  readonly site: string;
};

const iso = (ms: number): string => new Date(ms).toISOString();
const knownView = ({ node, site, groups, createdAt }: KnownNode) => ({
  node,
  site,
  groups: [...groups],
  created_at: iso(createdAt),
});

type View = z.input<typeof view>;

function viewOf(node: string, access: KnownNode | null, seen: NodeSeen | null): View {
  const heardAt = seen?.heardAt ?? null;
  return {
    node,
    access: access === null ? null : knownView(access),
    online: seen?.isOnline ?? null,
    version: seen?.version ?? null,
    heard_at: heardAt === null ? null : iso(heardAt),
    report: seen === null || seen.report === null ? null : summaryOf(seen.report),
  };
}

/** A thousand nodes with hundreds of items each would be too much for one answer. */
function summaryOf({
  items,
  more_placed: more,
  at,
  site,
  paused,
  free_bytes,
  up_bps,
  down_bps,
  groups,
}: NodeReport): View['report'] {
  const counts = Object.fromEntries(stateNames.map((state) => [state, state === 'placed' ? more : 0])) as Record<State, number>;
  for (const { state } of items) counts[state] += 1;
  const under = items.filter(({ state }) => state !== 'placed');
  const problems = items.flatMap(({ group, path, problem }) => (problem === null ? [] : [{ group, path, problem }]));
  return {
    ...{ at, site, paused, free_bytes, up_bps, down_bps, groups, items: counts },
    bytes_done: under.reduce((sum, item) => sum + item.bytes_done, 0),
    bytes_total: under.reduce((sum, item) => sum + (item.bytes_total ?? 0), 0),
    problems: problems.slice(0, MAX_PROBLEMS),
  };
}

export const nodeRoutes = ({ tokens, nodes, site }: NodeRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/nodes',
    summary: 'The nodes: who may read, and how far each is',
    description: 'Progress, rates, free space and problems as each node last reported them.',
    tags,
    access: 'read',
    response: z.object({ nodes: z.array(view) }),
    handler() {
      const names = new Set([...tokens.all(), ...nodes.all()].map(({ node }) => node));
      return { nodes: [...names].sort().map((node) => viewOf(node, tokens.get(node), nodes.get(node))) };
    },
  }),
  route({
    method: 'get',
    path: '/api/nodes/:node',
    summary: 'One node, item by item',
    tags,
    access: 'read',
    params: z.object({ node: nodeName }),
    response: wholeView,
    handler({ params: { node } }) {
      const [access, seen] = [tokens.get(node), nodes.get(node)];
      if (access === null && seen === null) throw new ControllerError('not_found', `there is no node "${node}"`);
      return { ...viewOf(node, access, seen), items: seen?.report?.items ?? [] };
    },
  }),
  route({
    method: 'post',
    path: '/api/nodes',
    summary: 'Make a token for a node',
    description:
      'The token is told in this answer and never again. A node that has one gets a new one, and the old one opens nothing any more.',
    tags,
    access: 'write',
    body: z.strictObject({
      node: nodeName,
      site: nodeName.optional().describe('Where it is; without it, here.'),
      groups: z.array(groupParam).min(1, 'must name a group').max(100),
    }),
    response: known.extend({ token: z.string() }),
    async handler({ body, reply }) {
      const made = await tokens.add({ ...body, site: body.site ?? site });
      reply.status(201);
      return { ...knownView(made), token: made.token };
    },
  }),
  route({
    method: 'delete',
    path: '/api/nodes/:node',
    summary: "Revoke a node's token",
    tags,
    access: 'write',
    params: z.object({ node: nodeName }),
    response: nothing,
    async handler({ params: { node } }) {
      if (!(await tokens.remove(node))) throw new ControllerError('not_found', `the node "${node}" has no token`);
      return undefined;
    },
  }),
];
