// The broker's memory is the truth while it runs; this keeps its copy in the database for the next start. Knows rows and when they are due, not what they mean.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createPasses } from './passes.ts';

export type BrokerTables = { broker_state: { kind: string; id: string; value: string } };
export type StateKind = 'retained' | 'session' | 'outgoing' | 'incoming' | 'will';

/** The text to store, made only when it is written; null removes the row. */
export type RowText = (() => string) | null;

export type DurableCopy = AsyncDisposable & {
  /** Every row of a kind as [id, value]. Call before the first `put`. */
  load(kind: StateKind): Promise<readonly (readonly [string, string])[]>;
  /** Row due on disk within `withinMs`; 0 is as soon as the disk can. A row that is removed before it was written costs nothing. */
  put(kind: StateKind, id: string, text: RowText, withinMs: number): void;
  /** Resolves when all that was put is on disk, or the disk refused it: the broker goes on in memory, `problem` says so. */
  settled(): Promise<void>;
  readonly problem: string | null;
  /** Transactions so far. */
  readonly writes: number;
};

export type DurableCopyDeps = {
  readonly tables: Kysely<BrokerTables>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly retryMs: number;
};

/** @property isApart it may as well be written in another transaction than what came with it. */
type Row = { readonly kind: StateKind; readonly id: string; readonly text: RowText; readonly isApart: boolean };

/** Rows in one statement: SQLite takes 32,766 parameters, three for each. */
const ROWS_AT_ONCE = 200;
/** Their texts are made at once, and nobody is heard meanwhile: reports of a thousand nodes are 10 MB. */
const APART_AT_ONCE = 50;

/**
 * One transaction at a time carries all that is due by then, and what is not yet due rides along: syncs are what costs. Only of retained messages, which have
 * nothing to do with each other, there may be so many that the rest of them follows in further ones.
 */
export function createDurableCopy({ tables, clock, log, retryMs }: DurableCopyDeps): DurableCopy {
  const waiting = new Map<string, Row>();
  const onDisk = new Set<string>();
  let problem: string | null = null;
  let writes = 0;
  let closed = false;

  const pass = async (): Promise<void> => {
    const batch = [...waiting];
    if (batch.length === 0) return;
    waiting.clear();
    const apart = batch.filter(([, { isApart }]) => isApart);
    await write([...batch.filter(([, { isApart }]) => !isApart), ...apart.splice(0, APART_AT_ONCE)]);
    while (apart.length > 0) await write(apart.splice(0, APART_AT_ONCE));
  };
  const write = async (batch: readonly (readonly [string, Row])[]): Promise<void> => {
    try {
      await writeRows(
        tables,
        batch.map(([, row]) => row),
      );
    } catch (error) {
      for (const [key, row] of batch) if (!waiting.has(key)) waiting.set(key, row);
      if (problem === null)
        log.error({ error: messageOf(error) }, 'broker state cannot be stored; it is kept in memory and tried again');
      problem = messageOf(error);
      if (!closed) passes.within(retryMs);
      return;
    }
    writes += 1;
    for (const [key, row] of batch) row.text === null ? onDisk.delete(key) : onDisk.add(key);
    if (problem !== null) log.info({}, 'broker state is stored again');
    problem = null;
  };
  const passes = createPasses(pass, clock);

  return {
    async load(kind) {
      const rows = await tables
        .selectFrom('broker_state')
        .select(['id', 'value'])
        .where('kind', '=', kind)
        .orderBy('id')
        .execute();
      for (const row of rows) onDisk.add(keyOf(kind, row.id));
      return rows.map((row) => [row.id, row.value] as const);
    },
    put(kind, id, text, withinMs) {
      if (closed) return;
      const key = keyOf(kind, id);
      // While a write runs it is unknown whether the row will stand: then its removal is written in any case.
      if (text === null && !onDisk.has(key) && passes.running() === undefined) {
        waiting.delete(key);
        return;
      }
      waiting.set(key, { kind, id, text, isApart: kind === 'retained' });
      passes.within(withinMs);
    },
    settled: () => (waiting.size === 0 ? (passes.running() ?? Promise.resolve()) : passes.now()),
    get problem() {
      return problem;
    },
    get writes() {
      return writes;
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      await passes.running();
      closed = true;
      await passes.now();
      passes.stop();
    },
  };
}

const keyOf = (kind: StateKind, id: string): string => `${kind} ${id}`;

async function writeRows(tables: Kysely<BrokerTables>, rows: readonly Row[]): Promise<void> {
  const kept = rows.flatMap(({ kind, id, text }) => (text === null ? [] : [{ kind, id, value: text() }]));
  const gone = Map.groupBy(
    rows.filter((row) => row.text === null),
    (row) => row.kind,
  );
  await tables.transaction().execute(async (step) => {
    for (const values of chunks(kept)) {
      await step
        .insertInto('broker_state')
        .values(values)
        .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet((set) => ({ value: set.ref('excluded.value') })))
        .execute();
    }
    for (const [kind, group] of gone) {
      for (const part of chunks(group.map((row) => row.id)))
        await step.deleteFrom('broker_state').where('kind', '=', kind).where('id', 'in', part).execute();
    }
  });
}

const chunks = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / ROWS_AT_ONCE) }, (_, i) => items.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE));
