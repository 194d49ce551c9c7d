// The names that "Decentralized Media Sync" gave its settings, and its `.env` file: who ran its daemon runs this one as it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

type Environment = Readonly<Record<string, string | undefined>>;
/** From its name to our key. */
export type SeedVariables = Readonly<Record<string, string>>;

const SEED_KEYS: SeedVariables = {
  MANIFEST_URL: 'manifests.url',
  DOWNLOAD_DIR: 'library',
  JELLYFIN_URL: 'jellyfin.url',
  JELLYFIN_API_KEY: 'jellyfin.key',
  CHECK_INTERVAL_MINUTES: 'manifests.poll_minutes',
  RETRY_ATTEMPTS: 'manifests.attempts',
  RETRY_ATTEMPTS_DOWNLOAD: 'download.attempts',
  MIN_FREE_GB: 'download.min_free_gb',
};

/** Those of the seed's names that are set. Its settings of Jellyfin go without each other: a key without a URL is none. */
export function seedVariables(environment: Environment): SeedVariables {
  const set = (name: string): boolean => (environment[name] ?? '') !== '';
  const found = Object.entries(SEED_KEYS).filter(
    ([name]) => set(name) && (name !== 'JELLYFIN_API_KEY' || set('JELLYFIN_URL') || set('HEADGATE_NODE_JELLYFIN_URL')),
  );
  // Some shells set GROUP of their own accord; it is the seed's beside its MANIFEST_URL only.
  if (set('GROUP') && set('MANIFEST_URL')) found.push(['GROUP', 'manifests.groups']);
  return Object.fromEntries(found);
}

/** What a person should know about what was set. */
export function seedRemarks(environment: Environment): readonly string[] {
  return environment['WEBTORRENT_BIN'] ? ['WEBTORRENT_BIN is of no use: no program beside this one is needed'] : [];
}

/** `.env` of a folder under the real environment, which wins. Nothing where there is no such file. */
export function withEnvFile(folder: string, environment: Environment): Environment {
  let content: string;
  try {
    content = readFileSync(join(folder, '.env'), 'utf8');
  } catch {
    return environment;
  }
  return { ...parseEnv(content), ...environment };
}

/** `~` and `~/films`, which a shell would have expanded and a service manager does not. */
export const expandHome = (path: string, home: string | undefined): string =>
  home !== undefined && (path === '~' || path.startsWith('~/')) ? home + path.slice(1) : path;
