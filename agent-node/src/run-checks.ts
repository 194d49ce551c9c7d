// --test: what must work for a node.
import { access, constants } from 'node:fs/promises';
import { type Check, type Clock, checkBroker, type MqttPort, runEach } from '@headgate/agent-router/agent-ground';
import type { Config } from './config-schema.ts';
import { AgentError } from './errors.ts';
import type { AskHttp } from './http.ts';
import type { JellyfinClient } from './jellyfin/jellyfin-client.ts';
import { libraryOf, serverPath } from './jellyfin/path-map.ts';
import { freeBytes } from './library/library-paths.ts';
import { fetchManifest } from './manifest/fetch-manifest.ts';
import { type ManifestSource, manifestSources } from './manifest/manifest-source.ts';
import { readManifest } from './manifest/read-manifest.ts';
import { checkTrust, unknownGroup } from './manifest/trust.ts';

export type CheckDeps = {
  readonly config: Config;
  readonly http: AskHttp;
  readonly jellyfin: JellyfinClient | null;
  /** Null: no broker is configured. */
  readonly openPort: (() => MqttPort) | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
};

const GIGA = 1_000_000_000;

/** True when every check passed. Nothing is placed, pinned or written but a folder that is missing. */
export async function runChecks(deps: CheckDeps): Promise<boolean> {
  const { config, clock, print } = deps;
  const checks: readonly Check[] = [
    { name: 'library', run: () => checkLibrary(config) },
    ...manifestSources(config.manifests).map((source) => ({
      name: `manifest ${source.group ?? ''}`.trim(),
      run: () => checkManifest(deps, source),
    })),
    { name: 'jellyfin', run: () => checkJellyfin(deps) },
    { name: 'mqtt', run: () => checkMqtt(deps) },
  ];
  return runEach(checks, clock, print);
}

async function checkLibrary({ library, download }: Config): Promise<string> {
  await access(library, constants.W_OK | constants.X_OK);
  const free = await freeBytes(library);
  const told = `${library}, ${(free / GIGA).toFixed(1)} GB free`;
  if (free < download.min_free_gb * GIGA)
    throw new AgentError('no_room', `${told}; ${download.min_free_gb} GB must stay free, so nothing will come`);
  return told;
}

async function checkManifest({ config, http, signal }: CheckDeps, source: ManifestSource): Promise<string> {
  const fetched = await fetchManifest(source, null, http, signal);
  const read = readManifest(fetched?.text ?? '', source.group);
  const { key } = checkTrust(read, unknownGroup, config.manifests.public_key ?? null);
  const signed =
    key === null
      ? 'not signed'
      : `signed with ${key}${config.manifests.public_key === undefined ? ', which the first round will keep' : ''}`;
  const refused = read.refused.length === 0 ? '' : `; ${read.refused.length} are not taken: ${read.refused[0]}`;
  return `${read.items.length} items, ${signed}${refused}`;
}

async function checkJellyfin({ config, jellyfin, signal }: CheckDeps): Promise<string> {
  if (config.jellyfin === undefined) return 'none is configured: nothing is told of what comes';
  if (jellyfin === null) return 'no key is configured: nothing is told of what comes';
  const libraries = await jellyfin.libraries(signal);
  const seen = serverPath(config.library, config.jellyfin.path_map);
  const inside = libraries.filter(({ locations }) => locations.some((at) => at === seen || at.startsWith(`${seen}/`)));
  const around = libraryOf(`${seen}/x`, libraries);
  const found = [...(around === undefined ? [] : [around]), ...inside].map(({ name }) => name);
  if (found.length === 0) throw new AgentError('bad_answer', `no library of it lies at ${seen}: see jellyfin.path_map`);
  return `${[...new Set(found)].join(', ')} at ${seen}`;
}

async function checkMqtt({ openPort, clock, signal }: CheckDeps): Promise<string> {
  if (openPort === null) return 'none is configured: the manifest is polled';
  return checkBroker(openPort, clock, signal);
}
