// Every way in which a Plex answers other than wanted, as one ControllerError each. No message ever holds the token. Pure.
import { ControllerError } from '../errors.ts';
import { ServerGone, ServerStarting } from '../neighbours/server-failure.ts';

const KEPT = 'until then the last known streams and limits are kept';

/** What an answer other than 2xx means. `doing` is e.g. "GET /status/sessions". */
export const statusFailure = (who: string, doing: string, status: number): ControllerError => {
  const failed = (text: string) => new ControllerError('upstream_failed', `${who} ${text}`);
  if (status === 401 || status === 403) {
    // 401 up to about 1.41.6 and 403 since, for a shared user's token; 401 for one that is no longer valid.
    const help = `give Headgate a valid token of the server's owner (api_key); ${KEPT}`;
    return new ControllerError('upstream_refused', `${who}: the token was refused (${doing}: ${status}); ${help}`);
  }
  if (status === 404) return new ControllerError('not_found', `${who} knows nothing at ${doing} (404)`);
  if (status === 503) return new ServerStarting('upstream_unreachable', `${who} is starting, or under maintenance (503)`);
  if (status === 502 || status === 504) {
    return new ServerGone('upstream_unreachable', `${who}: the proxy in front of it finds no server (${status})`);
  }
  if (status >= 300 && status < 400) return failed(`sends ${doing} elsewhere (${status}): use the address that it redirects to`);
  return failed(`answered ${doing} with ${status}`);
};

/** Whether this is Plex's own answer, in the form that it has where JSON was not asked for. */
const isXml = (text: string): boolean => /^\s*(<\?xml|<MediaContainer\b)/.test(text);

/** What a 200 is whose body does not fit. `detail` names the path inside the body. */
export const bodyFailure = (who: string, doing: string, text: string, detail: string): ControllerError => {
  const why = isXml(text) ? 'with XML, not JSON: a proxy in front of it drops the Accept header' : `not as Plex does: ${detail}`;
  return new ControllerError('upstream_failed', `${who} answered ${doing} ${why}`);
};

/** What answers at /identity has no answer of Plex. */
export const notPlex = (who: string, text: string, status: number): ControllerError =>
  isXml(text)
    ? bodyFailure(who, 'GET /identity', text, '')
    : new ControllerError(
        'upstream_failed',
        `${who}: no Plex Media Server answers there (GET /identity: ${status}); are host, port and path of its url right?`,
      );
