// What Transmission's status codes mean, from 2.40 to 4.1. Pure.
import { ControllerError } from '../errors.ts';

const refused = (sentence: string): ControllerError => new ControllerError('upstream_refused', sentence);

/**
 * Null for a success. 401 and 409 are the caller's, who knows about passwords and session ids.
 * 421 is the protection against DNS rebinding: a host name that is neither an address nor localhost nor in rpc-host-whitelist, without a password.
 */
export const failureOf = (name: string, status: number, body: string): ControllerError | null => {
  if (status >= 200 && status < 300) return null;
  if (status === 403) return refused(`${name} ${whyForbidden(body)}`);
  if (status === 421)
    return refused(
      `${name} does not know the host name in our URL: give its IP address, add the name to rpc-host-whitelist, or switch its log-in on`,
    );
  if (status === 404 || status === 405)
    return new ControllerError(
      'upstream_failed',
      `${name} has no Transmission RPC at this URL: is it right, base path included?`,
    );
  if (status >= 300 && status < 400) {
    const hint = 'give the URL where it ends up, or that of its web page where rpc-url was changed';
    return new ControllerError('upstream_failed', `${name} redirects us: ${hint}`);
  }
  if (status >= 500) return new ControllerError('upstream_unreachable', `${name} answers ${status}`);
  return new ControllerError('upstream_failed', `${name} answered with ${status}`);
};

/** 3.00 says which of the two it is; 4.x sends the bare status for both. */
const whyForbidden = (body: string): string => {
  const locked = 'has locked everybody out after too many failed log-ins: restart transmission-daemon';
  const stranger = 'does not let our address in: add it to rpc-whitelist';
  if (/login attempts/i.test(body)) return locked;
  return /IP Address/i.test(body) ? stranger : `${stranger}; or it ${locked}`;
};
