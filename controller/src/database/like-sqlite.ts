// Makes PostgreSQL take parameters and give errors as our SQLite does, so that stores need not know which database runs.
import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { ControllerError, messageOf } from '../errors.ts';
import { statementParameters } from './statement-parameters.ts';

/** SQLSTATE class 23: integrity constraint violation, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const codeOf = (error: unknown): 'conflict' | 'storage_failed' =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('23') ? 'conflict' : 'storage_failed';

const refusal = (cause: unknown): ControllerError =>
  cause instanceof ControllerError
    ? cause
    : new ControllerError(codeOf(cause), `The database refused: ${messageOf(cause)}`, { cause });

/** The same dialect; truth values become 0 and 1, statements and commits reject with ControllerError. */
export function likeSqlite(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => alikeDriver(dialect.createDriver()),
  };
}

function alikeDriver(driver: Driver): Driver {
  const known = new WeakSet<DatabaseConnection>();
  const told = async <T>(step: Promise<T>): Promise<T> => {
    try {
      return await step;
    } catch (error) {
      throw refusal(error);
    }
  };
  const acquireConnection = async (): Promise<DatabaseConnection> => {
    const connection = await told(driver.acquireConnection());
    if (known.has(connection)) return connection; // PostgresDriver gives the same object for the same connection of the pool
    known.add(connection);
    const executeQuery = connection.executeQuery.bind(connection);
    connection.executeQuery = async (query) =>
      told(executeQuery({ ...query, parameters: statementParameters(query.parameters) }));
    return connection;
  };
  return new Proxy(driver, {
    get: (target, key) => {
      if (key === 'acquireConnection') return acquireConnection;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
