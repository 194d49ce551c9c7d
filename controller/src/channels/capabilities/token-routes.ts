// Stream tokens over HTTP: made, listed, revoked. The addresses are shown to the administrator, and to whoever made the token.
import { z } from 'zod';
import { nothing, type Route, route } from '../../http/route.ts';
import { guideUrl, liveRoot } from '../guide/consumer.ts';
import type { StreamToken, StreamTokens } from './stream-tokens.ts';

const tags = ['live-tv'];
const urls = z.object({
  playlist: z.url().describe('For the M3U tuner of a media server or player.'),
  guide: z.url().describe('XMLTV.'),
  guide_gz: z.url().describe('The same, packed.'),
});
const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.iso.datetime(),
  urls: urls.optional().describe('Only for the administrator, and in the answer that makes it.'),
});

/** Where a consumer finds everything. @param root liveRoot */
export const consumerUrls = (root: string) => ({
  playlist: `${root}/playlist.m3u`,
  guide: `${root}/guide.xml`,
  guide_gz: guideUrl(root),
});

/** @param baseUrl of the configuration, without a slash at its end. */
export function tokenRoutes(tokens: StreamTokens, baseUrl: string): readonly Route[] {
  const plain = ({ id, name, createdAt }: StreamToken) => ({ id, name, created_at: new Date(createdAt).toISOString() });
  const full = (token: StreamToken) => ({
    ...plain(token),
    urls: consumerUrls(liveRoot(baseUrl, tokens.textOf(token))),
  });
  return [
    route({
      method: 'get',
      path: '/api/livetv/tokens',
      summary: 'List who may see channels by an address',
      tags,
      access: 'read',
      response: z.object({ tokens: z.array(tokenView) }),
      handler: ({ caller }) => ({ tokens: tokens.list().map(caller.kind === 'session' ? full : plain) }),
    }),
    route({
      method: 'post',
      path: '/api/livetv/tokens',
      summary: 'Make an address for one more media server or player',
      description: 'A read-only right of its own for each consumer: revoking one leaves the others alone.',
      tags,
      access: 'write',
      body: z.strictObject({ name: z.string().trim().min(1).max(64) }),
      response: tokenView,
      async handler({ body, reply }) {
        const token = await tokens.add(body.name);
        reply.status(201);
        return full(token);
      },
    }),
    route({
      method: 'delete',
      path: '/api/livetv/tokens/:id',
      summary: 'Revoke an address; its streams end',
      tags,
      access: 'write',
      params: z.object({ id: z.string().max(64) }),
      response: nothing,
      async handler({ params }) {
        await tokens.remove(params.id);
        return undefined;
      },
    }),
  ];
}
