// The router agent's configuration, and what of it is secret.
import { type Config, configForm } from './config-schema.ts';
import { type Environment, readConfig } from './ground/read-config.ts';

/** @throws AgentError `config_invalid`; see `readConfig` */
export const loadConfig = (file: string | undefined, environment: Environment): Config =>
  readConfig(configForm, file, environment);

/** Everything that a log must never show. */
export const secretsOf = (config: Config): readonly string[] =>
  [
    config.mqtt.password,
    ...(config.router.type === 'local' ? [] : [config.router.password]),
    ...(config.router.type === 'ssh' ? [config.router.passphrase, config.router.private_key] : []),
  ].filter((secret) => secret !== undefined);
