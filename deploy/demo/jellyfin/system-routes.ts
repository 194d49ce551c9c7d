// /System and /health.
import { json, noContent, refusals, text } from './answer.ts';
import type { StoredLiveTv } from './live-tv.ts';
import { defaultLiveTv } from './live-tv-configuration.ts';
import { bodyOf, type Route } from './route-table.ts';
import { defaultNetwork, type ServerConfiguration } from './server-configuration.ts';

/** What may be changed while the server runs, and is kept. */
export type Settings = { configuration: ServerConfiguration; network: typeof defaultNetwork; liveTv: StoredLiveTv };

export type SystemRoutesNeed = {
  readonly server: { readonly id: string; readonly name: string; readonly version: string };
  readonly settings: Settings;
  readonly changed: () => void;
  readonly url: () => string;
  /** Begins the restart after the answer is out. */
  readonly restart: () => void;
};

export function publicInformation(need: Pick<SystemRoutesNeed, 'server' | 'url'>): Record<string, unknown> {
  const { id, name, version } = need.server;
  return {
    LocalAddress: need.url(),
    ServerName: name,
    Version: version,
    ProductName: 'Jellyfin Server',
    OperatingSystem: '',
    Id: id,
    StartupWizardCompleted: true,
  };
}

function configurationRoutes({ settings, changed }: SystemRoutesNeed): Route[] {
  const keyed = (key: string): unknown => ({ network: settings.network, livetv: settings.liveTv.configuration })[key];
  return [
    { method: 'GET', path: '/System/Configuration', access: 'user', handle: () => json(settings.configuration) },
    {
      method: 'GET',
      path: '/System/Configuration/{key}',
      access: 'user',
      handle(exchange) {
        const found = keyed((exchange.params['key'] ?? '').toLowerCase());
        if (found === undefined) throw refusals.processing(404);
        return json(found);
      },
    },
    {
      method: 'POST',
      path: '/System/Configuration',
      access: 'admin',
      handle(exchange) {
        settings.configuration = { RemoteClientBitrateLimit: 0, EnableLegacyAuthorization: false, ...bodyOf(exchange) };
        changed();
        return noContent;
      },
    },
    {
      method: 'POST',
      path: '/System/Configuration/{key}',
      access: 'admin',
      handle(exchange) {
        const key = exchange.params['key']?.toLowerCase();
        if (key === 'livetv') {
          settings.liveTv.configuration = { ...defaultLiveTv, ...bodyOf(exchange) };
          changed();
          return noContent;
        }
        if (key !== 'network') throw refusals.processing(404);
        // The whole object is replaced: what is left out goes back to the class default.
        settings.network = { ...defaultNetwork, KnownProxies: [], ...bodyOf(exchange) };
        changed();
        return noContent;
      },
    },
  ];
}

export function systemRoutes(need: SystemRoutesNeed): Route[] {
  const more = {
    HasPendingRestart: false,
    IsShuttingDown: false,
    SupportsLibraryMonitor: true,
    WebSocketPortNumber: 8096,
    CompletedInstallations: [],
    CanSelfRestart: true,
    HasUpdateAvailable: false,
    SystemArchitecture: 'X64',
  };
  return [
    { method: 'GET', path: '/health', access: 'none', handle: () => text('Healthy') },
    { method: 'GET', path: '/System/Info/Public', access: 'none', handle: () => json(publicInformation(need)) },
    { method: 'GET', path: '/System/Info', access: 'user', handle: () => json({ ...more, ...publicInformation(need) }) },
    { method: 'GET', path: '/System/Ping', access: 'none', handle: () => json('Jellyfin Server') },
    { method: 'POST', path: '/System/Ping', access: 'none', handle: () => json('Jellyfin Server') },
    {
      method: 'GET',
      path: '/System/Endpoint',
      access: 'user',
      handle: ({ caller }) =>
        json({ IsLocal: caller.local && ['127.0.0.1', '::1'].includes(caller.address), IsInNetwork: caller.local }),
    },
    {
      method: 'POST',
      path: '/System/Restart',
      access: 'admin',
      handle() {
        need.restart();
        return noContent;
      },
    },
    ...configurationRoutes(need),
  ];
}
