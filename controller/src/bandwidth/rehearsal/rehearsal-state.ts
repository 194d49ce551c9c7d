// Pure: what is told of the recording and of the shadow while they run.
import type { Decision } from '../decision.ts';

/** Null where it is switched off; the shadow also before its first turn. */
export type RehearsalState = { readonly recording: RecordingState | null; readonly shadow: ShadowState | null };

/** Times UTC ms. */
export type RecordingState = {
  /** A sentence while nothing is recorded; null while all is well. */
  readonly problem: string | null;
  /** Of this run. */
  readonly turns: number;
  /** Of this run: what came too fast, or could not be written. */
  readonly leftOut: number;
  /** Of all that lies in the folder, as far as it was looked at. */
  readonly bytes: number;
  /** When the oldest file began; null where there is none. */
  readonly since: number | null;
};

/** How the decisions of another policy stand beside those that are carried out. Times UTC ms. */
export type ShadowState = {
  readonly since: number;
  readonly turns: number;
  readonly differs: boolean;
  /** How often it began to differ, and for how long it did. */
  readonly differences: number;
  readonly differingMs: number;
  readonly last: ShadowDifference | null;
  /** What it would do now; null before the first turn. */
  readonly decision: Decision | null;
  /** A sentence where it could not decide; null while it can. */
  readonly problem: string | null;
};

/** `at`: when it began to differ the last time. What is different, and why either side would have it so, as it was when it last did. */
export type ShadowDifference = {
  readonly at: number;
  readonly what: string;
  readonly reason: string;
  readonly liveReason: string;
};
