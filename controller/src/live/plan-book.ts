// Pure: the steps of one channel that are known: what stands at a moment, what comes next, how a new table replaces the old one.
import type { PlanStep } from '../on-air/plan-step.ts';

/** Equal texts are the same programme at the same place of the same file: a running ffmpeg may go on. */
export const stepKey = ({ entryId, startMs, source }: PlanStep): string =>
  JSON.stringify([entryId, startMs, source.kind === 'item' ? [source.path, source.http?.url ?? null, source.fromMs] : source]);

/** `steps` hold from `fromMs` on; what was known before that moment stays, a step that reaches over it is cut there. */
export function replaceFrom(known: readonly PlanStep[], fromMs: number, steps: readonly PlanStep[]): readonly PlanStep[] {
  const goesOn = new Set(steps.filter((step) => step.startMs < fromMs).map(stepKey));
  const before = known
    .filter((step) => step.startMs < fromMs && !goesOn.has(stepKey(step)))
    .map((step) => (step.endMs > fromMs ? { ...step, endMs: fromMs } : step));
  return [...before, ...steps].toSorted((a, b) => a.startMs - b.startMs);
}

/** Without what ended before `ms`. */
export const dropBefore = (steps: readonly PlanStep[], ms: number): readonly PlanStep[] =>
  steps.filter((step) => step.endMs > ms);

/** Start inside, end outside. */
export const stepAt = (steps: readonly PlanStep[], ms: number): PlanStep | null =>
  steps.find((step) => step.startMs <= ms && ms < step.endMs) ?? null;

/** The first that begins after `ms`. */
export const stepAfter = (steps: readonly PlanStep[], ms: number): PlanStep | null =>
  steps.find((step) => step.startMs > ms) ?? null;

/** Where the known table ends; `fallbackMs` where nothing is known. */
export const planEnd = (steps: readonly PlanStep[], fallbackMs: number): number =>
  steps.reduce((end, step) => Math.max(end, step.endMs), fallbackMs);
