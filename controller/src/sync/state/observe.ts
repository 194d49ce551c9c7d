// Pure: what a server says that it has, compared with what we last saw there: what is new of it, and whether it wins.
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import { compareTimes, type HybridTime, timeAfter } from './hybrid-time.ts';
import { FIELDS, isSame, type WatchValue } from './watch-fields.ts';

/** The agreed value of one field, and when and where it was set. */
export type Register = { readonly value: WatchValue; readonly at: HybridTime };
export type Registers = { readonly [Field in WatchField]?: Register };

/** What a server was last seen to have; fields that never were told are missing. */
export type Seen = Partial<WatchState>;

export type Observation = {
  /** The fields that something is said about. */
  readonly said: WatchChange;
  /** When it was set, by our clock; never later than now. */
  readonly ms: number;
  /** When the server was last seen to have what `seen` says, by our own reading: what is another now was set later, whatever clocks say. */
  readonly notBeforeMs: number;
  /** Whatever this server told before was set before this: its clock may be known better by now, so that times alone would not say so. */
  readonly follows: boolean;
  /** When we had found it by reading, before it was told. */
  readonly foundMs?: number | undefined;
  readonly origin: string;
};

export type Change = { readonly field: WatchField; readonly before: WatchValue | undefined; readonly after: WatchValue };

export type Observed = {
  /** The same object where nothing is agreed anew, not even when. */
  readonly registers: Registers;
  readonly seen: Seen;
  /** Fields whose agreed value is another now. */
  readonly changes: readonly Change[];
};

/**
 * An echo of our own writing, and what was known already, change nothing: values tell them, never times. What differs is a change that somebody made there;
 * the later one of two wins. Who sets anew what is agreed already has said it last: what others said before that is older.
 */
export function observe(
  registers: Registers,
  seen: Seen,
  { said, ms, notBeforeMs, follows, foundMs, origin }: Observation,
): Observed {
  const [agreed, now]: [Record<string, Register>, Record<string, WatchValue>] = [{}, { ...seen }];
  const changes: Change[] = [];
  const setMs = Math.max(ms, notBeforeMs);
  for (const field of FIELDS) {
    const value = said[field];
    if (value === undefined || isSame(field, value, seen[field])) continue;
    now[field] = value;
    const register = registers[field];
    const isLater = register !== undefined && (notBeforeMs >= register.at.ms || (follows && register.at.origin === origin));
    const hadIt = isLater && isSame(field, seen[field], register.value);
    const at = hadIt ? timeAfter(register.at, setMs, origin) : { ms: setMs, count: 0, origin };
    // A reading could only say that it was so by then: now its time is known.
    const wasFound = register?.at.ms === foundMs && register?.at.origin === origin && isSame(field, value, register.value);
    if (register !== undefined && !wasFound && compareTimes(at, register.at) <= 0) continue;
    const isAgreed = register !== undefined && isSame(field, value, register.value);
    agreed[field] = { value: isAgreed ? register.value : value, at };
    if (!isAgreed) changes.push({ field, before: register?.value ?? seen[field], after: value });
  }
  const isNew = Object.keys(agreed).length > 0;
  return { registers: isNew ? ({ ...registers, ...agreed } as Registers) : registers, seen: now as Seen, changes };
}
