// Tokens of nodes: made here, told once, kept as digests. Each belongs to one node and names its site and groups.
import { hash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { ControllerError } from '../errors.ts';
import type { DistributionTables } from './distribution-tables.ts';

export type KnownNode = {
  readonly node: string;
  /** Which place it is at; what goes to another one than ours is the uplink's. */
  readonly site: string;
  readonly groups: readonly string[];
  /** UTC ms. */
  readonly createdAt: number;
};

export type NodeTokens = {
  /** Ordered by name. The same list until a node comes or goes. */
  all(): readonly KnownNode[];
  get(node: string): KnownNode | null;
  /** Whose token this is; null where it is none of ours. From memory. */
  find(token: string): KnownNode | null;
  /** A node that is there gets a new token and loses the old one. @throws ControllerError conflict where there are too many */
  add(node: Omit<KnownNode, 'createdAt'>): Promise<KnownNode & { readonly token: string }>;
  /** False where there is none. */
  remove(node: string): Promise<boolean>;
};

type Tables = Pick<DistributionTables, 'distribution_nodes'>;
/** How a token of ours looks. Others are not even hashed. */
const TOKEN = /^hgn_[A-Za-z0-9_-]{43}$/;
/** What `GET /api/nodes` shows at once, and twice what was tried. Who may speak beyond that plays. */
export const MAX_NODES = 2_000;

/** A token has 256 random bits, so a plain digest is as good as a slow one; and looking up a digest tells nothing by its timing. */
const digestOf = (token: string): string => hash('sha256', token);

/** @param now UTC ms */
export async function openNodeTokens(db: Kysely<Tables>, now: () => number): Promise<NodeTokens> {
  const byDigest = new Map<string, KnownNode>();
  const digests = new Map<string, string>();
  for (const row of await db.selectFrom('distribution_nodes').selectAll().execute()) {
    const groups = JSON.parse(row.groups) as readonly string[];
    byDigest.set(row.digest, { node: row.node, site: row.site, groups, createdAt: Number(row.created_at) });
    digests.set(row.node, row.digest);
  }
  const get = (node: string): KnownNode | null => byDigest.get(digests.get(node) ?? '') ?? null;
  let sorted: readonly KnownNode[] | null = null;
  return {
    all() {
      sorted ??= [...byDigest.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
      return sorted;
    },
    get,
    find: (token) => (TOKEN.test(token) ? (byDigest.get(digestOf(token)) ?? null) : null),
    async add({ node, site, groups }) {
      if (!digests.has(node) && digests.size >= MAX_NODES)
        throw new ControllerError('conflict', `there are ${MAX_NODES} nodes already; remove one first`);
      const token = `hgn_${randomBytes(32).toString('base64url')}`;
      const known: KnownNode = { node, site, groups, createdAt: now() };
      const digest = digestOf(token);
      const row = { node, site, groups: JSON.stringify(groups), digest, created_at: known.createdAt };
      await db
        .insertInto('distribution_nodes')
        .values(row)
        .onConflict((conflict) => conflict.column('node').doUpdateSet(row))
        .execute();
      byDigest.delete(digests.get(node) ?? '');
      digests.set(node, digest);
      byDigest.set(digest, known);
      sorted = null;
      return { ...known, token };
    },
    async remove(node) {
      const digest = digests.get(node);
      if (digest === undefined) return false;
      // Out of memory first: a token that is being revoked opens nothing any more, whatever the disk says.
      digests.delete(node);
      byDigest.delete(digest);
      sorted = null;
      await db.deleteFrom('distribution_nodes').where('node', '=', node).execute();
      return true;
    },
  };
}
