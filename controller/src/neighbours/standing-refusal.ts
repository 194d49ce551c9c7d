// A refusal that stands for a while: a secret that was refused is not sent again and again, nor a closed door knocked at.
import type { Clock } from '../clock.ts';
import type { ControllerError } from '../errors.ts';

export type StandingRefusal = {
  /** Answers the error, to be thrown. Infinity: for good. */
  keep(error: ControllerError, forMs: number): ControllerError;
  /** @throws the error that is kept, for as long as it stands. */
  throwIfStands(): void;
};

export const createStandingRefusal = (clock: Clock): StandingRefusal => {
  let kept: { readonly error: ControllerError; readonly until: number } | null = null;
  return {
    keep: (error, forMs) => {
      kept = { error, until: clock.monotonic() + forMs };
      return error;
    },
    throwIfStands: () => {
      if (kept !== null && clock.monotonic() < kept.until) throw kept.error;
    },
  };
};
