// Seeds on disk and, since each announce and each request for a file asks, in memory.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { DistributionTables } from './distribution-tables.ts';
import type { Seed, SeedContent } from './seed.ts';

export type SeedStore = {
  /** In the order of their making. */
  all(): readonly Seed[];
  get(id: string): Seed | null;
  /** Of an active one, if there is any. */
  byHash(infoHash: string): Seed | null;
  /** Durable when it resolves. */
  put(seed: Seed): Promise<void>;
  remove(id: string): Promise<void>;
};

type Tables = Pick<DistributionTables, 'distribution_seeds'>;

const places = z.array(z.object({ group: z.string(), path: z.string(), title: z.string() }));
const files = z.object({
  folder: z.boolean(),
  files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string(), mtimeMs: z.number() })),
});

export async function openSeedStore(db: Kysely<Tables>): Promise<SeedStore> {
  const seeds = new Map<string, Seed>();
  const rows = await db.selectFrom('distribution_seeds').selectAll().orderBy('created_at').orderBy('id').execute();
  for (const row of rows) seeds.set(row.id, seedOf(row));
  const byHash = new Map<string, Seed>();
  const index = (): void => {
    byHash.clear();
    for (const seed of seeds.values()) if (seed.content !== null) byHash.set(seed.content.infoHash, better(byHash, seed));
  };
  index();
  return {
    all: () => [...seeds.values()],
    get: (id) => seeds.get(id) ?? null,
    byHash: (infoHash) => byHash.get(infoHash) ?? null,
    async put(seed) {
      const row = rowOf(seed);
      await db
        .insertInto('distribution_seeds')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
      seeds.set(seed.id, seed);
      index();
    },
    async remove(id) {
      await db.deleteFrom('distribution_seeds').where('id', '=', id).execute();
      seeds.delete(id);
      index();
    },
  };
}

/** Of two copies of the same, the one that can be read. */
const better = (known: ReadonlyMap<string, Seed>, seed: Seed): Seed => {
  const before = seed.content === null ? undefined : known.get(seed.content.infoHash);
  return before !== undefined && (before.state === 'active' || seed.state !== 'active') ? before : seed;
};

type Row = DistributionTables['distribution_seeds'];

const rowOf = ({ id, path, size, mtimeMs, state, problem, content, createdAt, ...seed }: Seed): Row => ({
  ...{ id, path, size, state, problem, mtime_ms: mtimeMs, created_at: createdAt },
  places: JSON.stringify(seed.places),
  info_hash: content?.infoHash ?? null,
  files: content === null ? null : JSON.stringify({ folder: content.isFolder, files: content.files }),
  torrent: content === null ? null : Buffer.from(content.torrent).toString('base64'),
});

// PostgreSQL gives a bigint as text.
const seedOf = (row: Row): Seed => ({
  id: row.id,
  path: row.path,
  size: Number(row.size),
  mtimeMs: Number(row.mtime_ms),
  state: row.state === 'active' || row.state === 'failed' ? row.state : 'pending',
  problem: row.problem,
  places: places.parse(JSON.parse(row.places)),
  content: contentOf(row),
  createdAt: Number(row.created_at),
});

function contentOf({ info_hash: infoHash, files: text, torrent }: Row): SeedContent | null {
  if (infoHash === null || text === null || torrent === null) return null;
  const read = files.parse(JSON.parse(text));
  return { infoHash, isFolder: read.folder, files: read.files, torrent: Buffer.from(torrent, 'base64') };
}
