// Users who let us act for them where an API key may not: by their password, which is not kept, or by Quick Connect, where they agree in a client of theirs.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { LogIn, UserLogIns } from '../../neighbours/synced-hints.ts';
import type { KeptLogIn, LogInStore } from './log-in-store.ts';

export type LogInsDeps = {
  readonly store: LogInStore;
  /** By name. */
  readonly servers: ReadonlyMap<string, UserLogIns>;
  /** What waited for a log-in of this server can be done. */
  changed(server: string): void;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
};

export type LogIns = {
  all(): readonly KeptLogIn[];
  /** @throws ControllerError not_found for no such server · input_invalid for a wrong name or password · denied for who may not log in · upstream_…, timeout */
  byPassword(server: string, user: { readonly name: string; readonly password: string }, signal: AbortSignal): Promise<KeptLogIn>;
  /** @throws ControllerError not_found, denied where that server does not offer it, too_many, upstream_…, timeout */
  beginQuickConnect(server: string, signal: AbortSignal): Promise<{ readonly id: string; readonly code: string }>;
  /** Null until the user has agreed. @throws ControllerError not_found where it ran out, upstream_…, timeout */
  endQuickConnect(id: string, signal: AbortSignal): Promise<KeptLogIn | null>;
  /** Makes it void there, if that server can be asked, and forgets it in any case. @throws ControllerError not_found */
  revoke(server: string, userId: string, signal: AbortSignal): Promise<void>;
};

type Begun = { readonly server: string; readonly secret: string; readonly untilMs: number };

/** Jellyfin's own codes live ten minutes. */
const BEGUN_MS = 600_000;
const MOST_BEGUN = 20;

export function createLogIns({ store, servers, changed, clock, log }: LogInsDeps): LogIns {
  const begun = new Map<string, Begun>();
  const serverOf = (name: string): UserLogIns => {
    const server = servers.get(name);
    if (server === undefined) throw new ControllerError('not_found', `no server ${name} is kept the same`);
    return server;
  };
  const revokeToken = async (server: string, token: string, signal: AbortSignal): Promise<void> => {
    try {
      await servers.get(server)?.revoke(token, signal);
    } catch (error) {
      if (isAbort(error) && signal.aborted) throw error;
      log.warn({ server }, 'a log-in is forgotten here, and stands there until its user removes the device');
    }
  };
  const keep = async (server: string, { token, userId, userName }: LogIn, signal: AbortSignal): Promise<KeptLogIn> => {
    const kept: KeptLogIn = { server, userId, userName, atMs: clock.now() };
    const before = await store.keep(kept, token);
    if (before !== null && before !== token) await revokeToken(server, before, signal);
    log.info({ server, user: userName }, 'a user logged in for what a key may not do');
    changed(server);
    return kept;
  };
  const dropOld = (): void => {
    for (const [id, { untilMs }] of begun) if (untilMs <= clock.now()) begun.delete(id);
  };
  return {
    all: store.all,
    async byPassword(server, user, signal) {
      try {
        return await keep(server, await serverOf(server).byPassword(user, signal), signal);
      } catch (error) {
        // Whoever asks us is logged in here: it is what they typed that is wrong.
        if (!(error instanceof ControllerError) || error.code !== 'unauthenticated') throw error;
        throw new ControllerError('input_invalid', error.message, { cause: error });
      }
    },
    async beginQuickConnect(server, signal) {
      dropOld();
      if (begun.size >= MOST_BEGUN) throw new ControllerError('too_many', 'too many log-ins are begun; wait ten minutes');
      const { code, secret } = await serverOf(server).beginQuickConnect(signal);
      const id = randomUUID();
      begun.set(id, { server, secret, untilMs: clock.now() + BEGUN_MS });
      return { id, code };
    },
    async endQuickConnect(id, signal) {
      dropOld();
      const one = begun.get(id);
      if (one === undefined) throw new ControllerError('not_found', 'this log-in was not begun, or ran out');
      const logIn = await serverOf(one.server).endQuickConnect(one.secret, signal);
      if (logIn === null) return null;
      begun.delete(id);
      return await keep(one.server, logIn, signal);
    },
    async revoke(server, userId, signal) {
      const token = await store.drop(server, userId);
      if (token === null) throw new ControllerError('not_found', `user ${userId} of ${server} gave no log-in`);
      await revokeToken(server, token, signal);
      changed(server);
    },
  };
}
