// Chooses the way to the router that the configuration names. A new way is one more line here and the same contract tests.
import type { RouterConfig } from '../config-schema.ts';
import { createLocalRouter } from './local-router.ts';
import type { Router } from './router.ts';
import { createSshRouter } from './ssh-router.ts';
import { createUbusRouter } from './ubus-router.ts';

/** Opens nothing yet: the first question does. @param monotonicMs see createUbusRouter */
export function openRouter(config: RouterConfig, monotonicMs: () => number): Router {
  switch (config.type) {
    case 'local':
      return createLocalRouter();
    case 'ssh':
      return createSshRouter({
        host: config.host,
        port: config.port,
        username: config.username,
        password: config.password,
        privateKey: config.private_key,
        passphrase: config.passphrase,
        hostKeys: typeof config.host_key === 'string' ? [config.host_key] : config.host_key,
      });
    case 'ubus':
      return createUbusRouter(
        { url: config.url, username: config.username, password: config.password ?? '', tls: { ca: config.ca, pin: config.pin } },
        monotonicMs,
      );
  }
}
