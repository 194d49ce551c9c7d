// The node's configuration, and what of it is secret.
import { resolve } from 'node:path';
import { type Environment, readConfig } from '@headgate/agent-router/agent-ground';
import { type Config, configForm } from './config-schema.ts';
import { expandHome, seedVariables } from './seed-environment.ts';

/** The seed's names give way to ours. @throws AgentError `config_invalid`; see `readConfig` */
export function loadConfig(file: string | undefined, environment: Environment): Config {
  const form = { ...configForm, otherVariables: seedVariables(environment) };
  const config = readConfig(form, file, environment);
  return Object.freeze({ ...config, library: resolve(expandHome(config.library, environment['HOME'])) });
}

/** Everything that a log must never show. */
export const secretsOf = ({ manifests, jellyfin, mqtt }: Config): readonly string[] =>
  [
    manifests.token,
    jellyfin?.key,
    mqtt?.password,
    // Also where they were written into the URL.
    ...manifests.url.map((one) => decodeURIComponent(new URL(one).password)),
  ].filter((secret): secret is string => secret !== undefined && secret !== '');
