// What a server says of itself and its users.
import { ControllerError } from '../errors.ts';
import type { MediaUser } from '../neighbours/media-server.ts';
import type { JellyfinClient } from './jellyfin-client.ts';
import { standingLimit } from './limit-value.ts';

/** Everybody there, with what the limits need to know. */
export const readUsers = async (client: JellyfinClient, signal: AbortSignal): Promise<readonly MediaUser[]> =>
  (await client.users(signal)).map(({ Id: id, Name: name, Policy: policy }) => ({
    id,
    name,
    limitBps: standingLimit(policy?.RemoteClientBitrateLimit),
    isAdministrator: policy?.IsAdministrator ?? false,
    isDisabled: policy?.IsDisabled ?? false,
    mayWatchRemotely: (policy?.EnableRemoteAccess ?? true) && (policy?.EnableMediaPlayback ?? true),
  }));

/** One line about the server. @throws ControllerError when it cannot be worked with */
export const checkServer = async (client: JellyfinClient, who: string, signal: AbortSignal): Promise<string> => {
  const info = await client.systemInfo(signal);
  const [major = 0, minor = 0] = info.Version.split('.').map(Number);
  if (major < 10 || (major === 10 && minor < 9)) {
    throw new ControllerError('upstream_failed', `${who} is version ${info.Version}: Headgate needs 10.10 or newer`);
  }
  const users = await client.users(signal);
  return `Jellyfin ${info.Version} "${info.ServerName ?? ''}", ${users.length} ${users.length === 1 ? 'user' : 'users'}`;
};
