// The nodes over REST: who may read, and how far each is.
import type { nodeReport } from '@headgate/protocol';
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
const view = z.object({
  node: z.string(),
  /** Null where it reports, but has no token here. */
  access: z.nullable(known.omit({ node: true })),
  online: z.nullable(z.boolean()),
  version: z.nullable(z.string()),
  heard_at: z.nullable(z.iso.datetime()),
  report: z
    .custom<z.infer<typeof nodeReport> | null>(() => true)
    .meta({ description: "The node's own report, as on MQTT node/{node}/report" }),
});

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

function viewOf(node: string, access: KnownNode | null, seen: NodeSeen | null): z.input<typeof view> {
  return {
    node,
    access: access === null ? null : knownView(access),
    online: seen?.isOnline ?? null,
    version: seen?.version ?? null,
    heard_at: seen?.heardAt == null ? null : iso(seen.heardAt),
    report: seen?.report ?? null,
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
