// One change of a limit at a neighbour: what is asked first, and what stood before and after.

/** What stood, and what stands now. */
export type LimitChange = { readonly beforeBps: number; readonly afterBps: number; readonly written: boolean };

/** Asked with the limit that stands; answers the one to write, or null to leave it. May be asked several times. */
export type DecideLimit = (currentBps: number) => Promise<number | null>;
