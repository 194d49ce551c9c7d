// Runs long work step by step: streams and requests have their turn before each.
import { setImmediate as turn } from 'node:timers/promises';
import type { InSteps } from './schedule/in-steps.ts';

export async function unhurried<T>(steps: InSteps<T>): Promise<T> {
  for (;;) {
    await turn();
    const step = steps.next();
    if (step.done) return step.value;
  }
}
