// Random transactions against a model in memory, with reopening, damage-free crashes and compaction in between.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transaction } from 'kysely';
import t from 'tap';
import type { Database } from '../../src/database/open-database.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { type Notes, openNotes, temporaryFolder } from './notes-database.ts';

type Model = Map<string, number>;

/** Some random changes, made to the database and to the model alike; a third of the transactions are undone. */
async function oneTransaction(db: Database, model: Model, random: () => number): Promise<void> {
  const copy: Model = new Map(model);
  const giveUp = random() < 0.3;
  const run = db
    .tables<Notes>()
    .transaction()
    .execute(async (transaction) => {
      for (let left = Math.ceil(random() * 4); left > 0; left -= 1) await oneChange(transaction, copy, random);
      if (giveUp) throw new Error('given up');
    });
  if (giveUp) {
    await run.catch(() => {});
    return;
  }
  await run;
  model.clear();
  for (const [id, n] of copy) model.set(id, n);
}

async function oneChange(transaction: Transaction<Notes>, model: Model, random: () => number): Promise<void> {
  const id = `n${Math.floor(random() * 40)}`;
  const n = Math.floor(random() * 2 ** 45);
  const choice = random();
  if (choice < 0.5) {
    await transaction
      .insertInto('note')
      .values({ id, n, content: null })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ n }))
      .execute();
    model.set(id, n);
  } else if (choice < 0.75) {
    await transaction
      .updateTable('note')
      .set((set) => ({ n: set('n', '+', 1) }))
      .where('id', '>', id)
      .execute();
    for (const [key, value] of model) if (key > id) model.set(key, value + 1);
  } else {
    await transaction.deleteFrom('note').where('id', '=', id).execute();
    model.delete(id);
  }
}

const contentOf = async (db: Database): Promise<[string, number][]> =>
  (await db.tables<Notes>().selectFrom('note').select(['id', 'n']).execute())
    .map((row): [string, number] => [row.id, row.n])
    .sort();

/** What is on the disk while the database is open is what a power cut leaves. Copying is none: what is compacted meanwhile is copied anew. */
async function copyAsItStands(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      return await cp(from, to, { recursive: true });
    } catch (error) {
      if (tries === 20 || !(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      await rm(to, { recursive: true, force: true });
    }
}

for (const seed of [1, 2, 3]) {
  t.test(`300 random transactions, reopened as closed and as killed, are those of the model (seed ${seed})`, async (t) => {
    const random = seededRandom(seed);
    const model: Model = new Map();
    await using folder = await temporaryFolder();
    let path = join(folder.path, 'first');
    for (let round = 0; round < 6; round += 1) {
      await using db = await openNotes(path, { compactAfterStatements: 60 });
      t.same(db.problems, []);
      t.same(await contentOf(db), [...model].sort(), `after opening ${round + 1} times`);
      for (let n = 0; n < 50; n += 1) await oneTransaction(db, model, random);
      t.same(await contentOf(db), [...model].sort(), 'in memory');
      if (random() < 0.5) continue;
      const next = join(folder.path, `copied-${round}`);
      await copyAsItStands(path, next);
      path = next;
    }
  });
}
