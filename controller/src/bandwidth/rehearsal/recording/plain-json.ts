// Pure: any plain value as JSON and back, exactly: also what JSON itself does not know (Infinity, undefined, maps). Named by no list of fields, so a new field is never forgotten.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An object with this key alone is what JSON cannot say; one that really has the key is written as such a case itself. */
const TAG = '$';
const OF = 'of';
const SPECIAL: Readonly<Record<string, unknown>> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
  '-0': -0,
  none: undefined,
};

/** @throws TypeError for what is no plain value: a function, an instance of a class, a bigint, a symbol. */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || value === undefined) return numberToJson(value);
  if (Array.isArray(value)) return Array.from(value, toJson);
  if (value instanceof Map) return { [TAG]: 'map', [OF]: Array.from(value, ([key, one]) => [toJson(key), toJson(one)]) };
  if (value instanceof Set) return { [TAG]: 'set', [OF]: Array.from(value, toJson) };
  if (!isPlainObject(value)) throw new TypeError(`cannot be recorded: a ${kindOf(value)}`);
  const entries = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]));
  return Object.hasOwn(value, TAG) ? { [TAG]: 'object', [OF]: entries } : entries;
}

function numberToJson(value: number | undefined): Json {
  if (value !== undefined && Number.isFinite(value) && !Object.is(value, -0)) return value;
  const [name = ''] = Object.entries(SPECIAL).find(([, one]) => Object.is(one, value)) ?? [];
  return { [TAG]: name };
}

/** @throws TypeError for a tag that no version has written. */
export function fromJson(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (isList(json)) return json.map(fromJson);
  if (!Object.hasOwn(json, TAG)) return fromEntries(json);
  const [tag, of] = [json[TAG], json[OF] ?? []];
  if (typeof tag === 'string' && Object.hasOwn(SPECIAL, tag)) return SPECIAL[tag];
  if (tag === 'map' && isList(of)) return new Map(of.map((entry) => fromJson(entry) as [unknown, unknown]));
  if (tag === 'set' && isList(of)) return new Set(of.map(fromJson));
  if (tag === 'object' && typeof of === 'object' && of !== null && !isList(of)) return fromEntries(of);
  throw new TypeError('unknown kind of value');
}

/** As `Object.fromEntries` makes them, so that a user called `__proto__` is one. */
const fromEntries = (json: Readonly<Record<string, Json>>): unknown =>
  Object.fromEntries(Object.entries(json).map(([key, one]) => [key, fromJson(one)]));

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export const isList = (json: Json): json is readonly Json[] => Array.isArray(json);

const kindOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `${value.constructor.name} object` : typeof value;
