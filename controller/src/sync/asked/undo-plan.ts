// Pure: which agreed values go back to which, so that it is as before what the log says.
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import { timeAfter } from '../state/hybrid-time.ts';
import type { Register, Registers } from '../state/observe.ts';
import { FIELDS, isSame, type WatchValue } from '../state/watch-fields.ts';

/** What the log has of one writing. */
export type Written = {
  readonly person: string;
  readonly identity: string;
  readonly itemName: string;
  /** UTC ms, by our clock. */
  readonly atMs: number;
  readonly before: WatchChange;
  readonly after: WatchChange;
};

export type UndoneField = { readonly field: WatchField; readonly from: WatchValue; readonly to: WatchValue };

/**
 * Of each field that was written: what was there before the first writing.
 * @param entries of one person's item, the oldest first
 */
export function planUndo(
  registers: Registers,
  entries: readonly Written[],
  { force, isSynced }: { readonly force: boolean; readonly isSynced: (field: WatchField) => boolean },
): { readonly changes: readonly UndoneField[]; readonly kept: readonly string[] } {
  const changes: UndoneField[] = [];
  const kept: string[] = [];
  for (const field of FIELDS) {
    const first = entries.find(({ before }) => before[field] !== undefined)?.before[field];
    const last = entries.findLast(({ after }) => after[field] !== undefined);
    const written = last?.after[field];
    const register = registers[field];
    if (first === undefined || last === undefined || written === undefined || register === undefined) continue;
    if (isSame(field, first, register.value)) continue;
    if (!isSynced(field)) kept.push(`${field} is not kept the same any more`);
    else if (!force && (register.at.ms > last.atMs || !isSame(field, written, register.value)))
      kept.push(`${field} was set anew since, at ${register.at.origin}`);
    else changes.push({ field, from: register.value, to: first });
  }
  return { changes, kept };
}

/** Later than whatever was said before. */
export function undoRegisters(
  registers: Registers,
  changes: readonly UndoneField[],
  { ms, origin }: { readonly ms: number; readonly origin: string },
): Registers {
  const undone: Record<string, Register> = { ...registers };
  for (const { field, to } of changes) {
    const seen = registers[field]?.at ?? { ms: 0, count: 0, origin: '' };
    undone[field] = { value: to, at: timeAfter(seen, ms, origin) };
  }
  return undone as Registers;
}
