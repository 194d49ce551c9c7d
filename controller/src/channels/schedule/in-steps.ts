// Pure: long work in steps of a few ms, so that others have their turn in between; whoever is in no hurry runs it by unhurried.ts.

/** Each `yield` is a place to pause at; what comes out does not depend on the pauses. */
export type InSteps<T> = Generator<undefined, T>;

/** Without a pause. */
export function atOnce<T>(steps: InSteps<T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}
