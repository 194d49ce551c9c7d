// What the simulated server has on disk: it outlives a restart, a kill, and the process.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Activity } from './activity-log.ts';
import { newId } from './identity.ts';
import { type Journal, openJournal } from './journal-file.ts';
import { emptyLiveTv } from './live-tv.ts';
import { defaultConfiguration, defaultNetwork } from './server-configuration.ts';
import type { ResolvedOptions } from './simulator-options.ts';
import type { StoredPlaylist } from './stored-playlist.ts';
import type { Settings } from './system-routes.ts';
import type { StoredUsers } from './users.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';
import type { StoredWatched } from './watched-store.ts';
import { emptyWebhookConfiguration, type WebhookConfiguration } from './webhook-configuration.ts';

export type StoredState = StoredUsers & {
  readonly serverId: string;
  readonly settings: Settings;
  playlists: StoredPlaylist[];
  webhook: WebhookConfiguration;
};

export type StateFile = {
  readonly state: StoredState;
  /** Beside it: what changes too often for a file that is written whole. */
  readonly watched: Journal<StoredWatched>;
  readonly activity: Journal<Activity>;
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
  // A file of before there was Live TV, or lists, or hooks.
  if (stored) {
    stored.settings.liveTv ??= emptyLiveTv();
    stored.playlists ??= [];
    stored.webhook ??= emptyWebhookConfiguration();
  }
  const made = {
    users: [],
    tokens: [],
    keys: [],
    serverId: newId(),
    settings,
    playlists: [],
    webhook: emptyWebhookConfiguration(),
  };
  const state: StoredState = stored ?? made;
  return {
    state,
    watched: openJournal(file === undefined ? undefined : `${file}.watched`),
    activity: openJournal(file === undefined ? undefined : `${file}.activity`),
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
