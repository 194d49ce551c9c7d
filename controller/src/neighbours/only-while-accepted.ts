// Keeps a refused key from being sent again and again, whoever asks.
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { HttpAnswer, HttpRequest } from '../http-client/open-http-client.ts';

export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

/** For `restMs` after a refusal (`upstream_refused`) each request fails with it, unsent: a shade less than the watch waits before it looks again. */
export const onlyWhileAccepted = (send: Send, restMs: number, clock: Clock): Send => {
  let refusal: { error: ControllerError; at: number } | null = null;
  return async (request) => {
    if (refusal && clock.monotonic() - refusal.at < restMs) throw refusal.error;
    try {
      return await send(request);
    } catch (error) {
      if (error instanceof ControllerError && error.code === 'upstream_refused') refusal = { error, at: clock.monotonic() };
      throw error;
    }
  };
};
