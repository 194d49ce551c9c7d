// Pure: what became of a plain value between two moments, as JSON that is small where little changed, and the value made from it again.
import { fromJson, isList, isPlainObject, type Json, toJson } from './plain-json.ts';

/** Undefined: nothing. `["=", value]` all of it, `["o", changes by key]`, `["a" or "m", length, changes by index]` of a list or of a map's entries. */
type Change = Json | undefined;

/** @throws TypeError for what is no plain value. */
export function changesBetween(before: unknown, after: unknown): Change {
  if (Object.is(before, after)) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) return listChanges('a', before, after);
  if (before instanceof Map && after instanceof Map) return listChanges('m', [...before], [...after]);
  if (before instanceof Set && after instanceof Set && listChanges('a', [...before], [...after]) === undefined) return undefined;
  if (!isPlainObject(before) || !isPlainObject(after)) return ['=', toJson(after)];
  return objectChanges(before, after);
}

/** The order of keys is part of a value: rules and clients are gone through in it. */
function objectChanges(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Change {
  const [keys, old] = [Object.keys(after), Object.keys(before)];
  if (keys.length !== old.length || keys.some((key, i) => key !== old[i])) return ['=', toJson(after)];
  const changed: [string, Json][] = [];
  for (const key of keys) {
    const change = changesBetween(before[key], after[key]);
    if (change !== undefined) changed.push([key, change]);
  }
  return changed.length === 0 ? undefined : ['o', Object.fromEntries(changed)];
}

function listChanges(kind: 'a' | 'm', before: readonly unknown[], after: readonly unknown[]): Change {
  const changed: [string, Json][] = [];
  for (let i = 0; i < after.length; i += 1) {
    const change: Change = i < before.length ? changesBetween(before[i], after[i]) : ['=', toJson(after[i])];
    if (change !== undefined) changed.push([String(i), change]);
  }
  if (changed.length === 0 && before.length === after.length) return undefined;
  return [kind, after.length, Object.fromEntries(changed)];
}

/** What did not change is shared with `before`. @throws TypeError where the change does not fit the value. */
export function withChanges(before: unknown, change: Change): unknown {
  if (change === undefined) return before;
  if (!isList(change)) throw new TypeError('unknown kind of change');
  const [kind, second, third] = change;
  if (kind === '=' && second !== undefined) return fromJson(second);
  if (kind === 'o' && isPlainObject(before)) {
    const changed = Object.entries(changesOf(second)).map(([key, one]) => [key, withChanges(before[key], one)] as const);
    return { ...before, ...Object.fromEntries(changed) };
  }
  if (kind === 'a' && Array.isArray(before)) return listWith(before, second, third);
  if (kind === 'm' && before instanceof Map) return new Map(listWith([...before], second, third) as [unknown, unknown][]);
  throw new TypeError('a change does not fit what it changes');
}

function listWith(before: readonly unknown[], length: Json | undefined, changes: Json | undefined): unknown[] {
  if (typeof length !== 'number' || !(length >= 0)) throw new TypeError('a list without a length');
  const after = before.slice(0, length);
  for (const [index, change] of Object.entries(changesOf(changes)))
    after[Number(index)] = withChanges(before[Number(index)], change);
  return after;
}

function changesOf(json: Json | undefined): Readonly<Record<string, Json>> {
  if (typeof json !== 'object' || json === null || isList(json)) throw new TypeError('no changes where some should be');
  return json;
}
