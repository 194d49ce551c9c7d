// Long work in steps of a few ms: hooks and requests have their turn in between.
import { setImmediate as turn } from 'node:timers/promises';

/** Each `yield` is a place to pause at. */
export type Steps<T> = Generator<undefined, T>;

export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await turn();
  }
}

/** Without a pause: for few items. */
export function atOnce<T>(steps: Steps<T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}
