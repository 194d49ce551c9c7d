// PURE: a query's parameters as SQLite keeps them, or a clear error.
import { ControllerError } from '../errors.ts';
import type { SqlValue } from './sqlite-engine.ts';

/**
 * Truth values become 0 and 1; bytes are copied, since the caller may change them before the commit. Refused: what SQLite or
 * PostgreSQL would keep as something else (NaN, undefined, a Date) or cut off (text after a NUL character).
 */
export function statementParameters(parameters: readonly unknown[]): SqlValue[] {
  return parameters.map((value, index): SqlValue => {
    if (value === null) return null;
    if (typeof value === 'string' && !value.includes('\0')) return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (value instanceof Uint8Array) return new Uint8Array(value);
    throw new ControllerError('storage_failed', `Parameter ${index + 1} is ${nameOf(value)}, which the database does not keep.`);
  });
}

const nameOf = (value: unknown): string => {
  if (typeof value === 'string') return 'text with a NUL character';
  if (typeof value === 'number') return 'not a finite number';
  return value instanceof Date ? 'a Date' : `of type ${typeof value}`;
};
