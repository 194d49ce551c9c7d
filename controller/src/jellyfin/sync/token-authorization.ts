// Authorization headers of log-ins. Pure.

export type Device = {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly clientName: string;
  readonly version: string;
};

/** Alone: device and client are those that the token was made for, and stay so. */
export const authorizationOfToken = (token: string): string => `MediaBrowser Token="${encodeURIComponent(token)}"`;

/** Before there is a token. All four must be there, else a log-in is answered with 400. */
export const authorizationOfDevice = ({ deviceId, deviceName, clientName, version }: Device): string => {
  const parts = { Client: clientName, Device: deviceName, DeviceId: deviceId, Version: version };
  const pairs = Object.entries(parts).map(([key, value]) => `${key}="${encodeURIComponent(value)}"`);
  return `MediaBrowser ${pairs.join(', ')}`;
};
