// Calls in a user's own name, by the token of a log-in: what a key may not do.
import { ControllerError } from '../../errors.ts';
import { type JellyfinHttp, type JellyfinHttpDeps, openJellyfinHttp } from '../jellyfin-http.ts';
import { authorizationOfToken } from './token-authorization.ts';

/** Where a server is; its own key is not in it. */
export type JellyfinAddress = Omit<JellyfinHttpDeps, 'authorization'>;

export type AsUser = AsyncDisposable & {
  /** @throws ControllerError denied for a token that is void, besides what every call throws */
  send(token: string, request: Parameters<JellyfinHttp['send']>[0]): ReturnType<JellyfinHttp['send']>;
};

/** Kept open at once: whoever was not asked for longest gives way. */
const MOST = 50;

/**
 * One HTTP client per token: a refused one rests by itself, and never the key.
 * Opens nothing by itself. @throws ControllerError config_invalid for a url or fingerprint that is none
 */
export const openAsUser = (address: JellyfinAddress): AsUser => {
  const open = new Map<string, JellyfinHttp>();

  const httpOf = (token: string): JellyfinHttp => {
    const http = open.get(token) ?? openJellyfinHttp({ ...address, authorization: authorizationOfToken(token) });
    open.delete(token);
    open.set(token, http);
    const [oldest] = open;
    if (open.size > MOST && oldest !== undefined) {
      open.delete(oldest[0]);
      void oldest[1][Symbol.asyncDispose]();
    }
    return http;
  };

  return {
    async send(token, request) {
      try {
        return await httpOf(token).send(request);
      } catch (error) {
        if (!(error instanceof ControllerError) || error.code !== 'upstream_refused') throw error;
        const text = `${address.who}: the log-in of this user is no longer valid; a new log-in is needed`;
        throw new ControllerError('denied', text, { cause: error });
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open.values()].map((http) => http[Symbol.asyncDispose]()));
    },
  };
};
