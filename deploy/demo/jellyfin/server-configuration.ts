// The server's configuration objects, at the defaults of the recorded server. Pure.
import type { NetworkConfiguration } from './local-network.ts';

export type ServerConfiguration = Readonly<Record<string, unknown>> & {
  readonly RemoteClientBitrateLimit: number;
  readonly EnableLegacyAuthorization: boolean;
};

export const defaultNetwork = {
  BaseUrl: '',
  EnableHttps: false,
  RequireHttps: false,
  InternalHttpPort: 8096,
  PublicHttpPort: 8096,
  AutoDiscovery: false,
  EnableUPnP: false,
  EnableIPv4: true,
  EnableIPv6: false,
  EnableRemoteAccess: true,
  LocalNetworkSubnets: [],
  LocalNetworkAddresses: [],
  // A reverse proxy on the same machine.
  KnownProxies: ['127.0.0.1'],
  IgnoreVirtualInterfaces: true,
  VirtualInterfaceNames: ['veth'],
  EnablePublishedServerUriByRequest: false,
  PublishedServerUriBySubnet: [],
  RemoteIPFilter: [],
  IsRemoteIPFilterBlacklist: false,
} satisfies NetworkConfiguration & Record<string, unknown>;

export function defaultConfiguration(limitBps: number, legacyTokens: boolean): ServerConfiguration {
  return {
    EnableMetrics: false,
    QuickConnectAvailable: true,
    PreferredMetadataLanguage: 'en',
    MetadataCountryCode: 'US',
    MinResumePct: 5,
    MaxResumePct: 90,
    MinResumeDurationSeconds: 300,
    InactiveSessionThreshold: 0,
    LibraryMonitorDelay: 60,
    LibraryUpdateDuration: 30,
    ServerName: '',
    UICulture: 'en-US',
    RemoteClientBitrateLimit: limitBps,
    ActivityLogRetentionDays: 30,
    CorsHosts: ['*'],
    EnableLegacyAuthorization: legacyTokens,
    IsStartupWizardCompleted: true,
  };
}

const tasks: readonly (readonly [key: string, name: string, category: string])[] = [
  ['CleanActivityLog', 'Clean Activity Log', 'Maintenance'],
  ['DeleteCacheFiles', 'Clean Cache Directory', 'Maintenance'],
  ['DeleteTranscodeFiles', 'Clean Transcode Directory', 'Maintenance'],
  ['RefreshGuide', 'Refresh Guide', 'Live TV'],
  ['RefreshLibrary', 'Scan Media Library', 'Library'],
];

export function taskList(idOf: (text: string) => string): readonly Record<string, unknown>[] {
  return tasks.map(([key, name, category]) => ({
    Name: name,
    State: 'Idle',
    Id: idOf(key),
    Triggers: [],
    Description: name,
    Category: category,
    IsHidden: false,
    Key: key,
  }));
}
