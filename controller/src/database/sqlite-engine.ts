// SQLite in memory: sql.js with a statement cache. Knows nothing of files and durability.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import initSqlJs, { type Database as SqlJsDatabase, type SqlJsStatic, type Statement } from 'sql.js';
import { createGrowingFile } from './growing-file.ts';

/** What goes in as a parameter and comes back in a row. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** What one statement did. `changes`: rows inserted, updated or deleted, of the latest such statement. */
export type Effect = { readonly rows: Record<string, unknown>[]; readonly changes: number };

export type SqliteEngine = {
  /** Runs one statement to its end. Throws SQLite's own message. */
  run(sql: string, parameters: readonly SqlValue[]): Effect;
  /** Replaces the whole database; null is an empty one. Throws when the bytes are no SQLite file. */
  load(bytes: Uint8Array | null): void;
  /** The database as a SQLite file. Blocks (8 ms for 2.7 MB); never inside a transaction. */
  export(): Uint8Array;
  close(): void;
};

/**
 * sql.js keeps the database as a file in memory; SQLite's own journal, syncs and locks upon it would only cost time. Each
 * connection has its own switch for foreign keys, off at first.
 */
const pragmas =
  'pragma foreign_keys = on; pragma journal_mode = memory; pragma synchronous = off; pragma locking_mode = exclusive; pragma temp_store = memory';

/** Kysely makes the same text for the same kind of query: a house has some dozens. */
const maxCachedStatements = 256;

/** Beside the release's one file, else in node_modules. */
const wasmPath = (): string | URL => {
  const beside = new URL('./sql-wasm.wasm', import.meta.url);
  return existsSync(beside)
    ? beside
    : createRequire(import.meta.url)
        .resolve('sql.js')
        .replace(/\.js$/, '.wasm');
};

/** An empty database in memory with foreign keys on. */
export async function createSqliteEngine(): Promise<SqliteEngine> {
  const wasm = await readFile(wasmPath());
  const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer;
  const sqlJs = await initSqlJs({ wasmBinary });
  const empty = emptyFile(sqlJs);
  const cache = new Map<string, Statement>();
  let file = createGrowingFile(empty);
  let db: SqlJsDatabase = new sqlJs.Database(file.data);
  const configure = (): void => void db.run(pragmas);
  const forgetStatements = (): void => {
    for (const statement of cache.values()) statement.free();
    cache.clear();
  };
  const prepare = (sql: string): Statement => {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const oldest = cache.size < maxCachedStatements ? undefined : cache.keys().next().value;
    if (oldest !== undefined) {
      cache.get(oldest)?.free();
      cache.delete(oldest);
    }
    const made = db.prepare(sql);
    cache.set(sql, made);
    return made;
  };
  configure();
  return {
    run: (sql, parameters) => {
      const statement = prepare(sql);
      try {
        // The published types lack bigint, which sql.js binds since 1.8.
        statement.bind(parameters as Exclude<SqlValue, bigint>[]);
        return { rows: rowsOf(statement), changes: db.getRowsModified() };
      } finally {
        statement.reset();
        file.makeRoom();
      }
    },
    load: (bytes) => {
      forgetStatements();
      db.close();
      file = createGrowingFile(bytes ?? empty);
      db = new sqlJs.Database(file.data);
      configure();
    },
    export: () => {
      forgetStatements();
      try {
        return db.export();
      } finally {
        configure(); // sql.js closes and reopens the database to export it, and puts back foreign keys only
      }
    },
    close: () => {
      forgetStatements();
      db.close();
    },
  };
}

/** An empty database as a file: sql.js makes none by itself before the first write. */
function emptyFile(sqlJs: SqlJsStatic): Uint8Array {
  const db = new sqlJs.Database();
  try {
    db.run('vacuum');
    return db.export();
  } finally {
    db.close();
  }
}

const rowsOf = (statement: Statement): Record<string, unknown>[] => {
  const rows: Record<string, unknown>[] = [];
  if (!statement.step()) return rows;
  const names = statement.getColumnNames();
  do {
    const values = statement.get();
    const row: Record<string, unknown> = {};
    for (const [index, name] of names.entries()) row[name] = values[index];
    rows.push(row);
  } while (statement.step());
  return rows;
};
