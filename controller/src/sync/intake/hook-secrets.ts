// Who may send hooks for which server: the configured secret, or one made from a key that is kept in the data folder for its owner only.
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { ControllerError } from '../../errors.ts';
import { openKeyFile } from '../key-file.ts';

export type HookSecrets = {
  /** Whether hooks of this server are taken at all. */
  knows(server: string): boolean;
  /** The same in each run. For the header of the server's plugin, never for a log. @throws ControllerError not_found */
  textOf(server: string): string;
  /** In constant time. */
  isRight(server: string, given: string): boolean;
  /** Whether it may stand in the address, where proxies and logs see it. */
  mayBeInUrl(server: string): boolean;
};

export type HookSecretsDeps = {
  /** The data folder, which must exist. */
  readonly folder: string;
  readonly servers: readonly { readonly name: string; readonly secret: string | null; readonly mayBeInUrl: boolean }[];
};

const FILE = 'webhook-key';

/** @throws ControllerError storage_failed where the key is there but is none; it is never overwritten. */
export async function openHookSecrets({ folder, servers }: HookSecretsDeps): Promise<HookSecrets> {
  const isMade = servers.some(({ secret }) => secret === null);
  const key = isMade ? await openKeyFile(join(folder, FILE), { of: 'webhook secrets', lost: 'every secret is new' }) : null;
  const known = new Map(
    servers.map(({ name, secret, mayBeInUrl }) => {
      const text = secret ?? (key === null ? '' : made(key, name));
      return [name, { text, digest: digest(text), mayBeInUrl }];
    }),
  );
  const nobody = digest(randomBytes(32).toString('hex'));
  return {
    knows: (server) => known.has(server),
    textOf(server) {
      const entry = known.get(server);
      if (entry === undefined) throw new ControllerError('not_found', `Unknown server: ${server}`);
      return entry.text;
    },
    isRight: (server, given) => timingSafeEqual(digest(given), known.get(server)?.digest ?? nobody),
    mayBeInUrl: (server) => known.get(server)?.mayBeInUrl ?? false,
  };
}

/** Texts of any length compare in the same time by their digests. */
const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** The dot tells it from an API token, which would be looked up in the database. */
const made = (key: Uint8Array, server: string): string =>
  `hook.${createHmac('sha256', key).update(`headgate webhook ${server}`).digest('base64url')}`;
