// What the simulated server has on disk: it outlives a restart, a kill, and the process.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { newId } from './identity.ts';
import { emptyLiveTv } from './live-tv.ts';
import { defaultConfiguration, defaultNetwork } from './server-configuration.ts';
import type { ResolvedOptions } from './simulator-options.ts';
import type { Settings } from './system-routes.ts';
import type { StoredUsers } from './users.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type StoredState = StoredUsers & { readonly serverId: string; readonly settings: Settings };

export type StateFile = {
  readonly state: StoredState;
  /** No users were made yet. */
  readonly fresh: boolean;
  save(): void;
};

/** Written at once at every change: a simulator that is killed has lost nothing that it acknowledged. */
export function openStateFile(options: ResolvedOptions, behaviour: JellyfinBehaviour): StateFile {
  const file = options.stateFile;
  const stored = file === undefined ? null : read(file);
  const legacy = !behaviour.legacyTokensCanBeRefused || (options.legacyTokens ?? behaviour.legacyTokensByDefault);
  const settings = {
    configuration: defaultConfiguration(options.serverLimitBps, legacy),
    network: { ...defaultNetwork, ...options.network } as typeof defaultNetwork,
    liveTv: emptyLiveTv(),
  };
  // A file of before there was Live TV.
  if (stored) stored.settings.liveTv ??= emptyLiveTv();
  const state = stored ?? { users: [], tokens: [], keys: [], serverId: newId(), settings };
  return {
    state,
    fresh: stored === null,
    save() {
      if (file === undefined) return;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}

function read(file: string): StoredState | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StoredState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${file}: is not the state of a simulator`, { cause: error });
  }
}
