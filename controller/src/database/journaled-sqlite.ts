// The Kysely driver: the one funnel through which every statement goes into memory and, when it wrote, into the journal.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { ControllerError, messageOf } from '../errors.ts';
import type { ReplayCost } from './compaction.ts';
import type { JournalFile } from './journal-file.ts';
import { encodePayload, type JournaledStatement, maxPayloadBytes } from './journal-record.ts';
import { createKinds } from './known-statements.ts';
import type { Mutex } from './mutex.ts';
import type { Effect, SqliteEngine } from './sqlite-engine.ts';
import { statementParameters } from './statement-parameters.ts';
import { countsRows, type StatementKind } from './statement-rules.ts';

/** What the driver works on. The journal changes with each generation, so it is asked for each time. */
export type JournaledStore = {
  readonly engine: SqliteEngine;
  readonly turns: Mutex;
  journal(): JournalFile;
  /** False from a failed write until `reload`: memory holds what the disk does not. */
  current(): boolean;
  /** Under the turn, where memory is not current: reads it anew from the disk. */
  reload(): Promise<void>;
  /** Under the turn: proves that a journal that failed takes data again. */
  heal(): Promise<void>;
  /** Told of each commit, for the decision to compact. */
  committed(cost: ReplayCost): void;
};

type Transaction = { readonly statements: JournaledStatement[]; ms: number };
type Lease = { held: boolean; transaction: Transaction | null };

/**
 * Statements run one after another in memory; a turn is given back before the disk is waited for, so that commits share a sync.
 * Nobody is told what is not durable: a commit is acknowledged after its sync, and so is a read that may have seen a commit
 * still on its way. Where a sync fails, all that waited for it is refused with `storage_failed`, memory is read anew from the
 * disk, and each write first proves that the disk takes data again. (A crash before that may still bring back what was refused:
 * refused means not promised.)
 */
export function createJournaledDialect(store: JournaledStore): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(store),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver(store: JournaledStore): Driver {
  const leases = new WeakMap<DatabaseConnection, Lease>();
  const leaseOf = (connection: DatabaseConnection): Lease => {
    const lease = leases.get(connection);
    if (lease === undefined) throw new Error('a connection of another driver');
    return lease;
  };
  const release = (lease: Lease): void => {
    if (lease.held) store.turns.unlock();
    lease.held = false;
    lease.transaction = null;
  };
  const session = createSession(store, release);
  return {
    init: async () => {},
    acquireConnection: async () => {
      const lease: Lease = { held: false, transaction: null };
      await session.hold(lease);
      const connection: DatabaseConnection = {
        executeQuery: (query) => session.execute(lease, query),
        streamQuery: async function* (query) {
          yield await session.execute(lease, query);
        },
      } as DatabaseConnection;
      leases.set(connection, lease);
      return connection;
    },
    beginTransaction: (connection) => session.begin(leaseOf(connection)),
    commitTransaction: (connection) => session.commit(leaseOf(connection)),
    rollbackTransaction: async (connection) => {
      const lease = leaseOf(connection);
      if (lease.transaction !== null) rollback(store.engine);
      release(lease);
    },
    savepoint: (connection, name) => session.savepoint(leaseOf(connection), `savepoint "${name}"`),
    rollbackToSavepoint: (connection, name) => session.savepoint(leaseOf(connection), `rollback to "${name}"`),
    releaseSavepoint: (connection, name) => session.savepoint(leaseOf(connection), `release "${name}"`),
    releaseConnection: async (connection) => release(leaseOf(connection)),
    destroy: async () => {},
  };
}

type Session = {
  hold(lease: Lease): Promise<void>;
  begin(lease: Lease): Promise<void>;
  execute<R>(lease: Lease, query: CompiledQuery): Promise<QueryResult<R>>;
  savepoint(lease: Lease, command: string): Promise<void>;
  commit(lease: Lease): Promise<void>;
};

function createSession(store: JournaledStore, release: (lease: Lease) => void): Session {
  const { engine } = store;
  const kinds = createKinds();
  /** Waits for a turn, and for memory to be what is on the disk. */
  const hold = async (lease: Lease): Promise<void> => {
    if (lease.held) return;
    await store.turns.lock();
    lease.held = true;
    try {
      if (!store.current()) await store.reload();
    } catch (error) {
      release(lease);
      throw unreadable(error);
    }
  };
  const begin = async (lease: Lease): Promise<void> => {
    await hold(lease);
    runWell(engine, 'begin', []);
    lease.transaction = { statements: [], ms: 0 };
  };
  const commit = async (lease: Lease): Promise<void> => {
    const transaction = openTransaction(store, lease);
    const payload = transaction.statements.length === 0 ? null : boundedPayload(transaction.statements);
    runWell(engine, 'commit', []); // where it throws (a deferred foreign key), Kysely rolls back
    lease.transaction = null;
    const durable = payload === null ? store.journal().settled() : store.journal().append(payload);
    if (payload !== null) {
      store.committed({ statements: transaction.statements.length, ms: transaction.ms, bytes: payload.length });
    }
    release(lease);
    await durableOrRefused(durable);
  };
  /** A statement outside a transaction is its own, so that it is undone whole and journaled like any other. */
  const alone = async (lease: Lease, kind: StatementKind, query: CompiledQuery): Promise<Effect> => {
    await begin(lease);
    try {
      const effect = runIn(store, openTransaction(store, lease), { kind, query });
      await commit(lease);
      return effect;
    } finally {
      if (lease.transaction !== null) rollback(engine);
      release(lease);
    }
  };
  return {
    hold,
    begin,
    commit,
    execute: async <R>(lease: Lease, query: CompiledQuery): Promise<QueryResult<R>> => {
      const kind = kinds(query.sql);
      if (kind.kind === 'refused') throw new ControllerError('storage_failed', `This statement ${kind.why}: ${query.sql}`);
      await hold(lease);
      assertCurrent(store);
      if (kind.kind === 'write' && store.journal().failed()) await healed(store);
      if (lease.transaction === null) return resultOf<R>(kind, await alone(lease, kind, query));
      return resultOf<R>(kind, runIn(store, openTransaction(store, lease), { kind, query }));
    },
    savepoint: async (lease, command) => {
      const transaction = openTransaction(store, lease);
      runWell(engine, command, []);
      transaction.statements.push({ sql: command, parameters: [], changes: 0 });
    },
  };
}

type Step = { readonly kind: StatementKind; readonly query: CompiledQuery };

/** Runs one statement in memory and notes it for the journal where it wrote. */
const runIn = ({ engine }: JournaledStore, transaction: Transaction, { kind, query }: Step): Effect => {
  const { sql } = query;
  const parameters = statementParameters(query.parameters);
  const started = performance.now();
  const effect = runWell(engine, sql, parameters);
  transaction.ms += performance.now() - started;
  if (kind.kind === 'read') return effect;
  const changes = countsRows(sql) ? effect.changes : 0;
  transaction.statements.push({ sql, parameters, changes });
  return { rows: effect.rows, changes };
};

const durableOrRefused = async (durable: Promise<void> | null): Promise<void> => {
  try {
    await durable;
  } catch (error) {
    throw unwritable(error);
  }
};

const resultOf = <R>(kind: StatementKind, effect: Effect): QueryResult<R> => {
  const rows = effect.rows as R[];
  return kind.kind === 'write' ? { rows, numAffectedRows: BigInt(effect.changes) } : { rows };
};

/** A write that failed while we waited or while the transaction ran takes with it all that came after. */
const assertCurrent = (store: JournaledStore): void => {
  if (!store.current()) throw new ControllerError('storage_failed', 'A write before this failed, so this was undone with it.');
};

const openTransaction = (store: JournaledStore, { transaction }: Lease): Transaction => {
  if (transaction === null) throw new Error('no transaction is open');
  assertCurrent(store);
  return transaction;
};

const boundedPayload = (statements: readonly JournaledStatement[]): Buffer => {
  const payload = encodePayload(statements);
  if (payload.length <= maxPayloadBytes) return payload;
  throw new ControllerError('too_many', `A transaction of ${payload.length} bytes is more than the journal takes at once.`);
};

/** SQLite's own messages hold names of tables and columns, no values. */
const runWell = (engine: SqliteEngine, ...statement: Parameters<SqliteEngine['run']>): Effect => {
  try {
    return engine.run(...statement);
  } catch (cause) {
    const code = /constraint failed/i.test(messageOf(cause)) ? 'conflict' : 'storage_failed';
    throw new ControllerError(code, `The database refused: ${messageOf(cause)}`, { cause });
  }
};

/** SQLite ends a transaction by itself after some errors (a full memory), so that there may be none. */
const rollback = (engine: SqliteEngine): void => {
  try {
    engine.run('rollback', []);
  } catch (error) {
    if (!/no transaction is active/.test(messageOf(error))) throw error;
  }
};

const healed = async (store: JournaledStore): Promise<void> => {
  try {
    await store.heal();
  } catch (error) {
    throw unwritable(error);
  }
};

const unwritable = (cause: unknown): ControllerError =>
  new ControllerError('storage_failed', `The database could not be written: ${messageOf(cause)}`, { cause });

const unreadable = (cause: unknown): ControllerError =>
  new ControllerError('storage_failed', `The database could not be read again: ${messageOf(cause)}`, { cause });
