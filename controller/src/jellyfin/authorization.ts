// The one form of authorization that every Jellyfin from 10.8 to 12 takes; X-Emby-Token and api_key are refused by 12. Pure.

/** Who we say we are. Two programs with the same client name and device id share one session, and mix up what they play. */
export type ClientIdentity = {
  readonly apiKey: string;
  readonly deviceId: string;
  readonly version: string;
  /** What the dashboard shows. */
  readonly clientName?: string | undefined;
  readonly deviceName?: string | undefined;
};

/** Value of the Authorization header. Jellyfin URL-decodes each value: `+`, quotes and commas must be encoded. */
export const authorizationHeader = ({ apiKey, deviceId, version, clientName, deviceName }: ClientIdentity): string => {
  const pairs = {
    Token: apiKey,
    Client: clientName ?? 'Headgate',
    Device: deviceName ?? 'Headgate',
    DeviceId: deviceId,
    Version: version,
  };
  const parts = Object.entries(pairs).map(([key, value]) => `${key}="${encodeURIComponent(value)}"`);
  return `MediaBrowser ${parts.join(', ')}`;
};
