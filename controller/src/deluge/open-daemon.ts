// The daemon behind deluge-web. deluge-web connects to none by itself, does not come back to one that was restarted, and never answers for one that is gone.
import type { ZodType } from 'zod';
import { ControllerError } from '../errors.ts';
import { decodeValue } from '../http-client/decode-answer.ts';
import { createSharedWork } from '../neighbours/shared-work.ts';
import { hostList, webConfig } from './answers.ts';
import type { RpcRequest, WebRpc } from './open-web-rpc.ts';

export type Daemon = {
  /** The checked result of a core.* or daemon.* method, at a daemon that deluge-web is connected to. @throws ControllerError */
  ask<T>(schema: ZodType<T>, request: RpcRequest, signal: AbortSignal): Promise<T>;
  close(): void;
};

type Host = { readonly id: string; readonly address: string; readonly port: number };

/** TLS, log-in and the list of methods, on a small busy box. */
const connectTimeoutMs = 15_000;

export const openDaemon = ({ name, rpc }: { readonly name: string; readonly rpc: WebRpc }): Daemon => {
  const life = new AbortController();
  const isConnected = async (signal: AbortSignal): Promise<boolean> =>
    (await rpc.call({ method: 'web.connected' }, signal)) === true;
  /** What needs the daemon to answer. deluge-web has just answered for itself. */
  const beyond = (request: RpcRequest, signal: AbortSignal): Promise<unknown> =>
    rpc.call(request, signal).catch((error: unknown) => {
      if (!(error instanceof ControllerError) || error.code !== 'timeout') throw error;
      throw new ControllerError('timeout', `${name}: deluge-web answers, but the daemon behind it does not`, { cause: error });
    });
  // Two connections at once would leave one of them open for ever: one at a time, and none where there is one.
  const connecting = createSharedWork(async () => {
    if (await isConnected(life.signal)) return;
    const host = await chooseHost(name, rpc, life.signal);
    const request = { method: 'web.connect', params: [host.id], timeoutMs: connectTimeoutMs };
    if ((await beyond(request, life.signal)) !== null) return;
    const at = `the daemon at ${host.address}:${host.port}`;
    if (!(await isConnected(life.signal)))
      throw new ControllerError(
        'upstream_unreachable',
        `${name}: deluge-web is not connected to a daemon; ${at} does not answer`,
      );
    // Connected, but as nobody: it would stay so, and every method would be told to be beyond its rights.
    await rpc.call({ method: 'web.disconnect' }, life.signal);
    throw new ControllerError(
      'upstream_refused',
      `${name}: ${at} refuses the user or password in deluge-web's Connection Manager`,
    );
  });
  return {
    ask: async (schema, request, signal) => {
      // Asked each time: a method sent over a connection that is gone is never answered.
      if (!(await isConnected(signal))) await connecting.join(signal);
      return decodeValue(schema, await beyond(request, signal), `${name} ${request.method}`);
    },
    close: () => life.abort(),
  };
};

/**
 * The only one, or the one that deluge-web itself would connect to. Never just any that is online: a seedbox in the same list
 * would get the limits of the daemon at home while that one is down.
 */
const chooseHost = async (name: string, rpc: WebRpc, signal: AbortSignal): Promise<Host> => {
  const hosts = decodeValue(hostList, await rpc.call({ method: 'web.get_hosts' }, signal), `${name} web.get_hosts`);
  const [only] = hosts;
  if (only !== undefined && hosts.length === 1) return only;
  const told = `${name}: deluge-web is not connected to a daemon and knows`;
  if (only === undefined) throw new ControllerError('upstream_unreachable', `${told} none: add it in its Connection Manager`);
  const config = decodeValue(webConfig, await rpc.call({ method: 'web.get_config' }, signal), `${name} web.get_config`);
  const chosen = hosts.find(({ id }) => id === config.default_daemon);
  if (chosen !== undefined) return chosen;
  const all = hosts.slice(0, 5).map(({ address, port }) => `${address}:${port}`);
  throw new ControllerError(
    'upstream_unreachable',
    `${told} several (${all.join(', ')}): connect it in its Connection Manager, leave only one there, or name one as default_daemon in web.conf`,
  );
};
