// Seeding over REST: what is to be shared, and how far it is.
import type { TorrentState } from '@headgate/agent-node/torrent-engine';
import { relativePath } from '@headgate/protocol';
import { z } from 'zod';
import { ControllerError } from '../errors.ts';
import { nothing, type Route, route } from '../http/route.ts';
import { demandAllowed, groupParam } from './manifest-routes.ts';
import { magnetOf, type Seed, type SeedPlace } from './seed.ts';
import { nameOf, type SeedSource } from './seed-source.ts';
import type { SeedStore } from './seed-store.ts';
import type { Seeding } from './seeding.ts';

export type SeedRoutesDeps = {
  readonly seeding: Seeding;
  readonly seeds: Pick<SeedStore, 'all' | 'get'>;
  readonly torrents: () => readonly TorrentState[];
  /** Where it goes when no group was asked for. */
  readonly defaultGroup: string;
  /** The only groups that there may be; null: any. */
  readonly groups: readonly string[] | null;
  readonly waitSeedMs: number;
};

const tags = ['distribution'];
const state = z.enum(['pending', 'active', 'failed']);

const view = z.object({
  id: z.string(),
  state,
  problem: z.nullable(z.string()),
  path: z.string(),
  size: z.int(),
  /** Bytes that are hashed; all of them once it is active. */
  hashed_bytes: z.int(),
  info_hash: z.nullable(z.string()),
  magnet: z.nullable(z.string()),
  places: z.array(z.object({ group: z.string(), path: z.string(), title: z.string() })),
  files: z.int(),
  created_at: z.iso.datetime(),
  /** Of the torrent process; null where it does not seed it now. */
  torrent: z.nullable(z.object({ up_bps: z.number(), peers: z.int(), problem: z.nullable(z.string()) })),
});

function viewOf(seed: Seed, { seeding, torrents }: SeedRoutesDeps, known = statesOf(torrents())): z.input<typeof view> {
  const infoHash = seed.content?.infoHash ?? null;
  const torrent = known.get(infoHash ?? '');
  return {
    ...{ id: seed.id, state: seed.state, problem: seed.problem, path: seed.path, size: seed.size, info_hash: infoHash },
    hashed_bytes: seed.state === 'pending' ? seeding.hashedBytes(seed.id) : seed.content === null ? 0 : seed.size,
    magnet: infoHash === null ? null : magnetOf(infoHash, seed.places[0]?.title ?? nameOf(seed.path)),
    places: [...seed.places],
    files: seed.content?.files.length ?? 0,
    created_at: new Date(seed.createdAt).toISOString(),
    torrent: torrent === undefined ? null : { up_bps: torrent.upBps, peers: torrent.peers, problem: torrent.problem },
  };
}

const statesOf = (torrents: readonly TorrentState[]): ReadonlyMap<string, TorrentState> =>
  new Map(torrents.map((one) => [one.infoHash, one]));

export const seedRoutes = (deps: SeedRoutesDeps): readonly Route[] => [asking(deps), ...reading(deps), removing(deps)];

const asking = (deps: SeedRoutesDeps): Route =>
  route({
    method: 'post',
    path: '/seed',
    summary: 'Share a file or a folder',
    description:
      'Only below distribution.roots. It is hashed, seeded, and appended to the manifest of its group. 202 with the job; 200 where its magnet is known, for which `wait=1` waits up to distribution.wait_seed_timeout_s.',
    tags,
    access: 'write',
    query: z.object({ wait: z.enum(['0', '1']).default('0') }),
    body: z.strictObject({
      path: z.string().min(1).max(4_096).describe('Absolute, of a file or folder on this machine.'),
      group: z
        .union([groupParam, z.array(groupParam).min(1).max(20)])
        .optional()
        .describe('One or several; distribution.default_group without it.'),
      dest_path: relativeTo().optional().describe("Where nodes have it, below their library. Without it, the path's last name."),
      title: z.string().trim().min(1).max(300).optional().describe('Without it, the name without its ending.'),
    }),
    response: view,
    async handler({ body, query, reply, signal }) {
      const groups = [body.group ?? deps.defaultGroup].flat();
      for (const group of groups) demandAllowed(deps.groups, group);
      let seed: Seed | null = null;
      for (const group of groups) seed = await deps.seeding.ask(body.path, (source) => placeOf(source, group, body));
      if (seed?.state === 'pending' && query.wait === '1') seed = await deps.seeding.settled(seed.id, deps.waitSeedMs, signal);
      if (seed === null) throw new ControllerError('input_invalid', 'body.group: names none');
      reply.status(seed.state === 'active' ? 200 : 202);
      reply.header('Location', `/seeds/${seed.id}`);
      return viewOf(seed, deps);
    },
  });

function relativeTo() {
  return z.string().superRefine((value, context) => {
    const result = relativePath.safeParse(value);
    for (const { message } of result.success ? [] : result.error.issues) context.addIssue({ code: 'custom', message });
  });
}

type Wishes = { readonly dest_path?: string | undefined; readonly title?: string | undefined };

/** The defaults of the manifest server that this takes the place of. */
function placeOf({ path, isFolder }: SeedSource, group: string, { dest_path: wished, title }: Wishes): SeedPlace {
  const name = nameOf(path);
  const stem = isFolder ? name : name.replace(/(.)\.[^.]*$/, '$1');
  if (wished === undefined && !relativePath.safeParse(name).success)
    throw new ControllerError(
      'input_invalid',
      `body.dest_path: is needed, since "${name}" is a name that not every disk can have`,
    );
  return { group, path: wished ?? name, title: title ?? stem.slice(0, 300) };
}

const reading = (deps: SeedRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/seeds',
    summary: 'What is shared, waits to be, or cannot be',
    tags,
    access: 'read',
    query: z.object({ state: state.optional() }),
    response: z.object({ seeds: z.array(view) }),
    handler({ query }) {
      const known = statesOf(deps.torrents());
      const seeds = deps.seeds.all().filter((seed) => query.state === undefined || seed.state === query.state);
      return { seeds: seeds.map((seed) => viewOf(seed, deps, known)) };
    },
  }),
  route({
    method: 'get',
    path: '/seeds/:id',
    summary: 'How far one is',
    tags,
    access: 'read',
    params: z.object({ id: z.string().max(64) }),
    response: view,
    handler({ params: { id } }) {
      const seed = deps.seeds.get(id);
      if (seed === null) throw noSeed(id);
      return viewOf(seed, deps);
    },
  }),
];

const removing = ({ seeding }: SeedRoutesDeps): Route =>
  route({
    method: 'delete',
    path: '/seeds/:id',
    summary: 'Share it no more',
    description:
      'The file stays. With `items=1` it is taken out of its groups as well, and nodes take it away after their grace period.',
    tags,
    access: 'write',
    params: z.object({ id: z.string().max(64) }),
    query: z.object({ items: z.enum(['0', '1']).default('0') }),
    response: nothing,
    async handler({ params: { id }, query }) {
      if (!(await seeding.remove(id, query.items === '1'))) throw noSeed(id);
      return undefined;
    },
  });

const noSeed = (id: string): ControllerError => new ControllerError('not_found', `there is no seed "${id}"`);
