// Who calls: address, token or key, and the session that each call of a known device touches.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readCredentials } from './authorization.ts';
import { callerAddress, isLocalAddress, type NetworkConfiguration } from './local-network.ts';
import type { Caller } from './route-table.ts';
import type { Sessions } from './sessions.ts';
import type { Users } from './users.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type CallerNeed = {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly network: () => NetworkConfiguration;
  readonly legacyTokens: () => boolean;
  readonly behaviour: JellyfinBehaviour;
  readonly server: { readonly id: string; readonly name: string };
  /** Lets scripted viewers be the TCP peer that they play: all of them really come from loopback. */
  readonly peerSecret: string;
};

export type Identify = (request: IncomingMessage, query: URLSearchParams) => Caller;

/** Header of scripted viewers: `SECRET ADDRESS`. */
export const peerHeader = 'x-simulated-peer';

export function isScriptedViewer(request: IncomingMessage, secret: string): boolean {
  const [given = ''] = String(request.headers[peerHeader] ?? '').split(' ');
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export function createIdentify(need: CallerNeed): Identify {
  return (request, query) => {
    const played = isScriptedViewer(request, need.peerSecret) ? String(request.headers[peerHeader]).split(' ')[1] : undefined;
    const forwarded = request.headers['x-forwarded-for'];
    const network = need.network();
    const peer = played ?? request.socket.remoteAddress ?? '127.0.0.1';
    const address = callerAddress(
      peer,
      Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
      network,
      need.behaviour.believesAnyProxy,
    );
    const from = { address, local: isLocalAddress(address, network) };
    const given = readCredentials(request.headers, query, need.legacyTokens());
    const token = given.token === null ? null : need.users.token(given.token);
    const key = given.token === null ? null : need.users.key(given.token);
    if (key) {
      // The client's name is overwritten with the key's app; without a device id all programs with this key share one session.
      const device = {
        client: key.app,
        deviceId: given.deviceId ?? need.server.id,
        device: given.device ?? need.server.name,
        version: given.version ?? need.behaviour.version,
      };
      const session = need.sessions.touch({ userId: null, userName: null, ...device, address });
      // Each call of a key makes its session nobody's again.
      session.guests = [];
      return { kind: 'key', user: null, key, token: null, isAdministrator: true, session, ...from };
    }
    const user = token ? need.users.byId(token.userId) : null;
    if (!token || !user)
      return { kind: 'nobody', user: null, key: null, token: null, isAdministrator: false, session: null, ...from };
    const { client, deviceId, device, version } = token;
    const session = need.sessions.touch({ userId: user.id, userName: user.name, client, deviceId, device, version, address });
    return { kind: 'user', user, key: null, token, isAdministrator: user.policy.IsAdministrator, session, ...from };
  };
}
