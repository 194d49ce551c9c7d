// Manifests over HTTP: nodes read them, the administrator writes them.
import { groupManifest, type ManifestItem } from '@headgate/protocol';
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { nothing, type RequestFacts, type Route, rawBody, route } from '../http/route.ts';
import { demandGroup, type Readers } from './readers.ts';
import type { Manifests, Sealed } from './sealed-manifests.ts';

export type ManifestRoutesDeps = {
  readonly manifests: Manifests;
  readonly readers: Readers;
  /** The only groups that there may be; null: any. */
  readonly groups: readonly string[] | null;
  /** What every manifest is signed with, in base64. */
  readonly publicKey: string;
};

const tags = ['distribution'];
export const groupParam = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be letters, digits, "_", "-" and "." only, a letter or digit first');
const params = z.object({ group: groupParam });

/** The schema is the protocol's, which the nodes check with as well; its sentences name the field. */
const manifestBody = z
  .looseObject({ items: z.array(z.unknown()) })
  .transform((value, context): { readonly group: string | null; readonly items: readonly ManifestItem[] } => {
    const result = groupManifest.safeParse({ group: 'any', ...value, signature: undefined });
    if (result.success) return { group: 'group' in value ? result.data.group : null, items: result.data.items };
    for (const { path, message } of result.error.issues.slice(0, 10))
      context.issues.push({ code: 'custom', path: [...path], message, input: value });
    return z.NEVER;
  })
  .meta({
    description: 'group (that of the path), items[]: title, torrent, path, and where known sha256, size, info_hash, files, tags',
  });

const groupView = z.object({ group: z.string(), version: z.int(), issued_at: z.iso.datetime(), items: z.int() });

export const manifestRoutes = (deps: ManifestRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/',
    summary: 'Whether manifests are served, as the former manifest server is asked it',
    tags,
    access: 'public',
    response: z.object({ status: z.literal('ok') }),
    handler: () => ({ status: 'ok' as const }),
  }),
  route({
    method: 'get',
    path: '/manifest',
    summary: 'List the groups',
    description:
      '`public_key` is what their manifests are signed with: a node that is told of it trusts no other from the start.',
    tags,
    access: 'read',
    response: z.object({ public_key: z.string(), groups: z.array(groupView) }),
    handler: () => ({ public_key: deps.publicKey, groups: deps.manifests.all().map(viewOf) }),
  }),
  reading(deps),
  replacing(deps),
  route({
    method: 'delete',
    path: '/manifest/:group.json',
    summary: 'Delete a group',
    description: 'Its version is remembered: a group of that name goes on from there. What is seeded stays seeded.',
    tags,
    access: 'write',
    params,
    response: nothing,
    async handler({ params: { group } }) {
      if (!(await deps.manifests.remove(group))) throw noGroup(group);
      return undefined;
    },
  }),
];

const viewOf = ({ name, version, issuedAt, items }: ReturnType<Manifests['all']>[number]) => ({
  group: name,
  version,
  issued_at: new Date(issuedAt).toISOString(),
  items: items.length,
});

const noGroup = (group: string): ControllerError => new ControllerError('not_found', `there is no group "${group}"`);

const reading = ({ manifests, readers }: ManifestRoutesDeps): Route =>
  route({
    method: 'get',
    path: '/manifest/:group.json',
    summary: 'The signed manifest of a group',
    description:
      "With a node's token, a log-in, or from distribution.lan_networks. ETag and If-None-Match; gzip where it is asked for.",
    tags,
    access: 'public',
    params,
    response: rawBody,
    contentType: 'application/json; charset=utf-8',
    handler({ params: { group }, header, reply, ...asking }) {
      demandGroup(readers.readerOf({ ...asking, header }), group);
      const sealed = manifests.sealed(group);
      if (sealed === null) throw noGroup(group);
      return answer(sealed, header, reply);
    },
  });

function answer(sealed: Sealed, header: RequestFacts['header'], reply: RequestFacts['reply']): Uint8Array | undefined {
  const isGzip = takesGzip(header('accept-encoding'));
  reply.header('ETag', isGzip ? sealed.gzipEtag : sealed.etag);
  reply.header('Vary', 'Accept-Encoding');
  reply.header('Cache-Control', 'private, no-cache');
  if (isKnown(header('if-none-match'), sealed)) {
    reply.status(304);
    return undefined;
  }
  if (!isGzip) return sealed.plain;
  reply.header('Content-Encoding', 'gzip');
  return sealed.gzip;
}

/** Both encodings say the same, so either tag is good. */
function isKnown(noneMatch: string | null, { etag, gzipEtag }: Sealed): boolean {
  if (noneMatch === null) return false;
  if (noneMatch === etag || noneMatch === gzipEtag) return true;
  const tags = noneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag) || tags.includes(gzipEtag);
}

const takesGzip = (accepted: string | null): boolean =>
  accepted !== null && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);

const replacing = ({ manifests, groups }: ManifestRoutesDeps): Route =>
  route({
    method: 'post',
    path: '/manifest/:group.json',
    summary: 'Replace the items of a group',
    description:
      'Makes the group where there is none. Version and signature are ours. With If-Match only where the manifest is still that one, else 409.',
    tags,
    access: 'write',
    params,
    body: manifestBody,
    response: groupView,
    async handler({ params: { group }, body, header, reply }) {
      if (body.group !== null && body.group !== group)
        throw new ControllerError('input_invalid', `body.group: is "${body.group}", but the path says "${group}"`);
      demandAllowed(groups, group);
      const wanted = header('if-match');
      const changed = await manifests.change(group, (before) => {
        const sealed = manifests.sealed(group);
        const isThat = sealed !== null && sealed.version === before?.version && isKnown(wanted, sealed);
        if (wanted !== null && !isThat) throw new ControllerError('conflict', `the group "${group}" has changed since`);
        return body.items;
      });
      if (changed === null) throw noGroup(group);
      reply.status(201);
      return viewOf(changed);
    },
  });

/** @throws ControllerError input_invalid */
export function demandAllowed(groups: readonly string[] | null, group: string): void {
  if (groups !== null && !groups.includes(group))
    throw new ControllerError('input_invalid', `group: "${group}" is not one of distribution.groups (${groups.join(', ')})`);
}
