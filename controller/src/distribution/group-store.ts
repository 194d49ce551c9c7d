// Groups and their items on disk and in memory. Changes go one after the other, so that of two writers none loses what the other wrote.
import type { ManifestItem } from '@headgate/protocol';
import type { Kysely } from 'kysely';
import { ControllerError } from '../errors.ts';
import type { DistributionTables } from './distribution-tables.ts';

export type Group = {
  readonly name: string;
  /** Each change makes a greater one. */
  readonly version: number;
  /** UTC ms. */
  readonly issuedAt: number;
  readonly items: readonly ManifestItem[];
};

/** What becomes of a group. `before` is null where there is none. Answers null to leave it as it is; may throw. */
export type Turn = (before: Group | null) => readonly ManifestItem[] | null;

export type GroupStore = {
  /** Ordered by name. */
  all(): readonly Group[];
  get(name: string): Group | null;
  /** Makes the group where there is none. Durable when it resolves. @throws whatever `turn` throws; ControllerError conflict, storage_failed */
  change(name: string, turn: Turn): Promise<Group | null>;
  /** False where there is none. Its version is remembered. */
  remove(name: string): Promise<boolean>;
};

type Tables = Pick<DistributionTables, 'distribution_groups' | 'distribution_items'>;
const MAX_GROUPS = 1_000;
/** Parameters of one statement are bounded; a row has three. */
const ROWS_AT_ONCE = 100;

/** Reads all groups. @param now UTC ms */
export async function openGroupStore(db: Kysely<Tables>, now: () => number): Promise<GroupStore> {
  const groups = await readGroups(db);
  /** Of groups that were deleted too. */
  const versions = new Map(
    (await db.selectFrom('distribution_groups').select(['name', 'version']).execute()).map((row) => [
      row.name,
      Number(row.version),
    ]),
  );
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  return {
    all: () => [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    get: (name) => groups.get(name) ?? null,
    change: (name, turn) =>
      inTurn(async () => {
        const before = groups.get(name) ?? null;
        const items = turn(before);
        if (items === null) return before;
        if (before === null && groups.size >= MAX_GROUPS)
          throw new ControllerError('conflict', `there are ${MAX_GROUPS} groups already; delete one first`);
        const group: Group = { name, version: (versions.get(name) ?? 0) + 1, issuedAt: now(), items };
        await write(db, group, before?.items ?? []);
        versions.set(name, group.version);
        groups.set(name, group);
        return group;
      }),
    remove: (name) =>
      inTurn(async () => {
        if (!groups.has(name)) return false;
        await db.transaction().execute(async (tx) => {
          await tx.deleteFrom('distribution_items').where('group_name', '=', name).execute();
          await tx.updateTable('distribution_groups').set({ is_there: 0 }).where('name', '=', name).execute();
        });
        groups.delete(name);
        return true;
      }),
  };
}

async function readGroups(db: Kysely<Tables>): Promise<Map<string, Group>> {
  const items = new Map<string, ManifestItem[]>();
  for (const row of await db.selectFrom('distribution_items').selectAll().orderBy('position').execute()) {
    const list = items.get(row.group_name) ?? [];
    // Checked when it came in; only we write this column.
    list.push(JSON.parse(row.item) as ManifestItem);
    items.set(row.group_name, list);
  }
  const rows = await db.selectFrom('distribution_groups').selectAll().where('is_there', '=', 1).execute();
  return new Map(
    // PostgreSQL gives a bigint as text.
    rows.map(({ name, version, issued_at }) => [
      name,
      { name, version: Number(version), issuedAt: Number(issued_at), items: items.get(name) ?? [] },
    ]),
  );
}

/** Only the rows that differ from those before: one more item is one more row, however many there are. */
async function write(db: Kysely<Tables>, group: Group, before: readonly ManifestItem[]): Promise<void> {
  const texts = group.items.map((item) => JSON.stringify(item));
  const old = before.map((item) => JSON.stringify(item));
  const changed = texts.flatMap((item, position) => (item === old[position] ? [] : [{ group_name: group.name, position, item }]));
  const head = { name: group.name, is_there: 1, version: group.version, issued_at: group.issuedAt };
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('distribution_groups')
      .values(head)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(head))
      .execute();
    if (old.length > texts.length)
      await tx
        .deleteFrom('distribution_items')
        .where('group_name', '=', group.name)
        .where('position', '>=', texts.length)
        .execute();
    for (let i = 0; i < changed.length; i += ROWS_AT_ONCE)
      await tx
        .insertInto('distribution_items')
        .values(changed.slice(i, i + ROWS_AT_ONCE))
        .onConflict((conflict) =>
          conflict.columns(['group_name', 'position']).doUpdateSet((eb) => ({ item: eb.ref('excluded.item') })),
        )
        .execute();
  });
}
