// Keeps a refused key from being sent again and again, whoever asks.
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { HttpAnswer, HttpRequest } from '../http-client/open-http-client.ts';
import { createStandingRefusal } from './standing-refusal.ts';

export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

/** For `restMs` after a refusal (`upstream_refused`) each request fails with it, unsent: a shade less than the watch waits before it looks again. */
export const onlyWhileAccepted = (send: Send, restMs: number, clock: Clock): Send => {
  const refusal = createStandingRefusal(clock);
  return async (request) => {
    refusal.throwIfStands();
    try {
      return await send(request);
    } catch (error) {
      if (error instanceof ControllerError && error.code === 'upstream_refused') throw refusal.keep(error, restMs);
      throw error;
    }
  };
};
