// What qBittorrent's status codes and bodies mean, from 4.4 to 5.2. Pure.
import { ControllerError } from '../errors.ts';

export type LogInOutcome = 'welcome' | 'wrong password' | 'banned' | 'not qBittorrent';

/**
 * Up to 5.1 both outcomes are 200 and the body tells; from 5.2 on 204 or 401. 403 is the ban after too many wrong tries, in all versions.
 * A 401 for a refused Host header cannot be meant: an unauthenticated request before it was told 403.
 */
export const logInOutcome = (status: number, body: string): LogInOutcome => {
  const text = body.trim();
  if (status === 204 || (status === 200 && text === 'Ok.')) return 'welcome';
  if (status === 401 || (status === 200 && text === 'Fails.')) return 'wrong password';
  return status === 403 ? 'banned' : 'not qBittorrent';
};

/** Null for a success; 403 is the caller's, who knows about log-ins. */
export const failureOf = (name: string, path: string, status: number): ControllerError | null => {
  if (status >= 200 && status < 300) return null;
  if (status === 401) {
    // Sent before any log-in is looked at (webapplication.cpp, validateHostHeader).
    return new ControllerError(
      'upstream_refused',
      `${name} refuses our Host header: use the same port outside and inside the container, or switch its host header validation off`,
    );
  }
  if (status === 404)
    return new ControllerError('upstream_failed', `${name} knows no ${path}: is the URL right, base path included?`);
  if (status >= 300 && status < 400)
    return new ControllerError('upstream_failed', `${name} redirects us: give the URL where it ends up`);
  if (status >= 500) return new ControllerError('upstream_unreachable', `${name} answers ${status}`);
  return new ControllerError('upstream_failed', `${name} answered ${path} with ${status}`);
};
