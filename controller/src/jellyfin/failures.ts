// Every way in which a Jellyfin answers other than wanted, as one ControllerError each. No message ever holds the key. Pure.
import { ControllerError } from '../errors.ts';
import { ServerGone, ServerStarting } from '../neighbours/server-failure.ts';

/** What an answer other than 2xx means. `doing` is e.g. "GET /Users". */
export const statusFailure = (who: string, doing: string, status: number): ControllerError => {
  const failed = (text: string) => new ControllerError('upstream_failed', `${who} ${text}`);
  if (status === 401) {
    const help = 'make one under Dashboard > API Keys and give it to Headgate';
    return new ControllerError('upstream_refused', `${who}: the API key is not accepted (401); ${help}`);
  }
  if (status === 403) return new ControllerError('denied', `${who} does not allow ${doing} (403)`);
  if (status === 404) return new ControllerError('not_found', `${who} knows nothing at ${doing} (404)`);
  if (status === 503) {
    const also = 'if this lasts, its Networking settings may refuse the address of this machine';
    // The start-up server of 10.11 and newer.
    return new ServerStarting('upstream_unreachable', `${who} is starting (503); ${also}`);
  }
  if (status === 502 || status === 504) {
    return new ServerGone('upstream_unreachable', `${who}: the proxy in front of it finds no server (${status})`);
  }
  if (status >= 300 && status < 400) return failed(`sends ${doing} elsewhere (${status}): use the address that it redirects to`);
  return failed(`answered ${doing} with ${status}`);
};

/** What a 200 is whose body does not fit. `detail` names the path inside the body. */
export const bodyFailure = (
  who: string,
  doing: string,
  found: { body: unknown; detail: string; cause?: unknown },
): ControllerError => {
  const { body } = found;
  // The start-up server says `version` where the real one says `Version`.
  if (typeof body === 'object' && body !== null && 'version' in body)
    return new ServerStarting('upstream_unreachable', `${who} is starting`);
  return new ControllerError('upstream_failed', `${who} answered ${doing} not as Jellyfin does: ${found.detail}`, {
    cause: found.cause,
  });
};
