// What deluge-web's statuses and error codes mean, as seen on 2.0.3 and read up to 2.2.0. Pure.
import { ControllerError } from '../errors.ts';

export type RpcError = { readonly code: number; readonly message: string };

/** The session is unknown or over. */
export const isLoggedOut = (error: RpcError): boolean => error.code === 1;

/** An answer that is no JSON-RPC at all; null for a 200. */
export const httpFailure = (name: string, status: number): ControllerError | null => {
  if (status === 200) return null;
  if (status === 404)
    return new ControllerError('upstream_failed', `${name} has no /json there: is the URL deluge-web's, base path included?`);
  if (status >= 300 && status < 400)
    return new ControllerError('upstream_failed', `${name} redirects us: give the URL where it ends up`);
  if (status >= 500) return new ControllerError('upstream_unreachable', `${name} answers ${status}`);
  return new ControllerError('upstream_failed', `${name} answered with ${status}`);
};

/**
 * Codes: 2 no such method, which is what each core.* is until a daemon was connected; 3 failed in deluge-web itself, for core.* because
 * its connection is gone; 4 failed at the daemon; 5 not understood.
 */
export const rpcFailure = (name: string, method: string, { code, message }: RpcError): ControllerError => {
  const isTheDaemons = !/^(web|auth)\./.test(method);
  if (isTheDaemons && (code === 2 || code === 3))
    return new ControllerError('upstream_unreachable', `${name}: deluge-web is not connected to a daemon`);
  if (code === 4 && message.includes('NotAuthorizedError'))
    return new ControllerError(
      'upstream_refused',
      `${name}: the account that deluge-web uses at its daemon may not do ${method}; give it a higher level in the daemon's auth file`,
    );
  // Of a request that it does not understand Deluge repeats all, a password too.
  const words = method === 'auth.login' ? '' : inShort(message);
  return new ControllerError('upstream_failed', `${name} answered ${method} with error ${code}${words}`);
};

/** Behind the exception's class there is a traceback of some thousand characters. */
const inShort = (message: string): string => {
  const told = /<class '[\w.]+'>: ([^\n]{1,200})/.exec(message)?.[1] ?? /^[^\n]{1,200}/.exec(message)?.[0];
  return told === undefined ? '' : `: ${told}`;
};
