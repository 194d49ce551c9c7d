// Pure: of hooks that came one after another for one user's item, those that still say something: each tells the whole state, so a later one has said it.
import type { Report } from './webhook-payload.ts';

type Told = { readonly report: Report };

/** What is left of them, and what was overtaken; in their order. */
export function newestHooks<Hook extends Told>(
  hooks: readonly Hook[],
): { readonly left: readonly Hook[]; readonly overtaken: readonly Hook[] } {
  const [left, overtaken]: [Hook[], Hook[]] = [[], []];
  for (const [at, hook] of hooks.entries()) {
    const next = hooks[at + 1];
    (next !== undefined && saysAllOf(next.report, hook.report) ? overtaken : left).push(hook);
  }
  return { left, overtaken };
}

/** The later one by its own clock, and what was meant in the earlier is meant in it too: a player's start says nothing of an unwatched before it. */
function saysAllOf(next: Report, earlier: Report): boolean {
  if (next.type !== earlier.type || next.type !== 'UserDataSaved') return false;
  if (next.utcTicks === null || earlier.utcTicks === null || next.utcTicks < earlier.utcTicks) return false;
  return (
    Object.keys(earlier.has).every((field) => Object.hasOwn(next.has, field)) &&
    next.unmeant.every((field) => earlier.unmeant.includes(field))
  );
}
