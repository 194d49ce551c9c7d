// The nodes over REST: who may read, how far each is, and what a person may ask of one.
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { nothing, type Route, route } from '../http/route.ts';
import { groupParam } from './manifest-routes.ts';
import type { NodeTokens } from './node-tokens.ts';
import { known, knownView, nodeView, viewOf, wholeNodeView } from './node-views.ts';
import type { NodeSeen, Nodes } from './nodes.ts';

const tags = ['distribution'];
/** As MQTT topics have it. */
const nodeName = groupParam;
const params = z.object({ node: nodeName });

export type NodeOrder = 'rescan' | 'pause' | 'resume';

export type NodeRoutesDeps = {
  readonly tokens: NodeTokens;
  readonly nodes: Pick<Nodes, 'all' | 'get'>;
  /** Of this place. */
  readonly site: string;
  /** Over MQTT; it is told to one that is connected, and kept for nobody. @throws ControllerError upstream_unreachable */
  readonly order: (node: string, order: NodeOrder) => Promise<void>;
  /** What was heard and told of it goes. */
  readonly forget: (node: string) => Promise<void>;
};

const ORDERS: Readonly<Record<NodeOrder, string>> = {
  rescan: 'The media server beside a node looks at its library now',
  pause: 'A node downloads and seeds nothing until it is resumed',
  resume: 'A node goes on',
};

export const nodeRoutes = (deps: NodeRoutesDeps): readonly Route[] => [
  ...readRoutes(deps),
  ...accessRoutes(deps),
  ...(Object.keys(ORDERS) as readonly NodeOrder[]).map((order) => orderRoute(deps, order)),
];

const readRoutes = ({ tokens, nodes }: NodeRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/nodes',
    summary: 'The nodes: who may read, and how far each is',
    description: 'Progress, rates, free space and problems as each node last reported them.',
    tags,
    access: 'read',
    response: z.object({ nodes: z.array(nodeView) }),
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
    params,
    response: wholeNodeView,
    handler({ params: { node } }) {
      const seen = demandNode({ tokens, nodes }, node);
      return { ...viewOf(node, tokens.get(node), seen), items: seen?.report?.items ?? [] };
    },
  }),
];

/** Null where it was not heard. @throws ControllerError not_found */
function demandNode({ tokens, nodes }: Pick<NodeRoutesDeps, 'tokens' | 'nodes'>, node: string): NodeSeen | null {
  const seen = nodes.get(node);
  if (seen === null && tokens.get(node) === null) throw new ControllerError('not_found', `there is no node "${node}"`);
  return seen;
}

const accessRoutes = ({ tokens, nodes, site, forget }: NodeRoutesDeps): readonly Route[] => [
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
    summary: 'Revoke a node',
    description:
      'Its token opens nothing any more, what it said of itself is forgotten, and Home Assistant loses its device. Its files stay. A user of the broker that it has is for you to take away.',
    tags,
    access: 'write',
    params,
    response: nothing,
    async handler({ params: { node } }) {
      demandNode({ tokens, nodes }, node);
      await tokens.remove(node);
      await forget(node);
      return undefined;
    },
  }),
];

const orderRoute = ({ tokens, nodes, order }: NodeRoutesDeps, word: NodeOrder): Route =>
  route({
    method: 'post',
    path: `/api/nodes/:node/${word}`,
    summary: ORDERS[word],
    description: 'Told over MQTT at once; its next report shows it. Refused where the node is not connected.',
    tags,
    access: 'write',
    params,
    response: z.object({ node: z.string(), ordered: z.enum(['rescan', 'pause', 'resume']) }),
    async handler({ params: { node }, reply }) {
      const seen = demandNode({ tokens, nodes }, node);
      if (seen?.isOnline !== true)
        throw new ControllerError('conflict', `the node "${node}" is not connected by MQTT, so it cannot be told`);
      await order(node, word).catch((cause: unknown) => {
        if (!(cause instanceof ControllerError && cause.code === 'upstream_unreachable')) throw cause;
        throw new ControllerError('conflict', `${cause.message}: no node can be told`, { cause });
      });
      reply.status(202);
      return { node, ordered: word };
    },
  });
