// Pure: turns any log field into bounded JSON: no cycles, no depth without end, no secrets, errors with their causes.
import { isSecretKey } from './mask.ts';

const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;
const MAX_TEXT = 4_000;

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** `mask` is put over every text. What cannot be shown is named in brackets. */
export function plainValue(value: unknown, mask: (text: string) => string, depth = 0): Plain {
  switch (typeof value) {
    case 'string':
      return mask(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : depth >= MAX_DEPTH ? '[deeper]' : plainObject(value, mask, depth + 1);
    case 'bigint':
      return String(value);
    default:
      return value === undefined ? null : `[${typeof value}]`;
  }
}

function plainObject(value: object, mask: (text: string) => string, depth: number): Plain {
  if (value instanceof Error) return plainError(value, mask, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[date]' : value.toISOString();
  if (value instanceof URL) return mask(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ('reveal' in value) return '[secret]';
  if (value instanceof Map) return plainObject(Object.fromEntries(value), mask, depth);
  const list = value instanceof Set ? [...value] : value;
  if (Array.isArray(list)) {
    const shown = list.slice(0, MAX_ENTRIES).map((one) => plainValue(one, mask, depth));
    return list.length > shown.length ? [...shown, `[${list.length - shown.length} more]`] : shown;
  }
  const entries = Object.entries(list).slice(0, MAX_ENTRIES);
  return Object.fromEntries(
    entries.map(([key, one]) => [key, isSecretKey(key) && one !== null ? '***' : plainValue(one, mask, depth)]),
  );
}

function plainError(error: Error, mask: (text: string) => string, depth: number): Plain {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return {
    name: error.name,
    ...(code === undefined ? {} : { code: plainValue(code, mask, depth) }),
    message: plainValue(error.message, mask, depth),
    ...(cause === undefined ? {} : { cause: plainValue(cause, mask, depth) }),
    // Only a mistake of ours needs its stack; expected failures carry a code.
    ...(code === undefined && error.stack !== undefined ? { stack: plainValue(error.stack, mask, depth) } : {}),
  };
}
