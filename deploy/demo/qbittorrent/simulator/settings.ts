// What the simulated qBittorrent keeps of what it is told, with the original's roundings and overflows (base/bittorrent/sessionimpl.cpp). Pure.

/** Limits in bytes/s, always whole KiB; 0 is none. */
export type SimulatedSettings = {
  readonly up_limit: number;
  readonly alt_up_limit: number;
  readonly dl_limit: number;
  readonly alt_dl_limit: number;
  readonly limit_lan_peers: boolean;
  readonly use_alt_speed_limits: boolean;
};

const limitKeys = ['up_limit', 'alt_up_limit', 'dl_limit', 'alt_dl_limit'] as const;

/** 0 and less is none, anything up to 1 KiB is 1 KiB, the rest is cut to whole KiB. */
const keptLimit = (bytes: number): number => (bytes <= 0 ? 0 : Math.max(1, Math.floor(bytes / 1024)) * 1024);

/** All four limits as they would be kept. */
export const keptSettings = (settings: SimulatedSettings): SimulatedSettings => ({
  ...settings,
  up_limit: keptLimit(settings.up_limit),
  alt_up_limit: keptLimit(settings.alt_up_limit),
  dl_limit: keptLimit(settings.dl_limit),
  alt_dl_limit: keptLimit(settings.alt_dl_limit),
});

/** The values of app/setPreferences that are known here; the rest is ignored, as is text that is no JSON. */
export const applyPreferences = (settings: SimulatedSettings, json: string): SimulatedSettings => {
  const told = parseObject(json);
  const limits = limitKeys.filter((key) => key in told).map((key) => [key, keptLimit(toInt(told[key]))]);
  const lan = 'limit_lan_peers' in told ? { limit_lan_peers: Boolean(told['limit_lan_peers']) } : {};
  return { ...settings, ...Object.fromEntries(limits), ...lan };
};

/** transfer/setUploadLimit: the slot of the mode that is active now. The number is cut to 32 bits on its way. */
export const applyActiveLimit = (settings: SimulatedSettings, direction: 'up' | 'dl', text: string): SimulatedSettings => {
  const bytes = /^-?\d{1,18}$/.test(text) ? Number(BigInt.asIntN(32, BigInt(text))) : 0;
  return { ...settings, [`${settings.use_alt_speed_limits ? 'alt_' : ''}${direction}_limit`]: keptLimit(bytes) };
};

export const activeLimit = (settings: SimulatedSettings, direction: 'up' | 'dl'): number =>
  settings[`${settings.use_alt_speed_limits ? 'alt_' : ''}${direction}_limit`];

// QVariant::toInt: what does not fit is 0 (seen on 4.5.2 for 3,000,000,000).
const toInt = (value: unknown): number => {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number') return 0;
  const whole = Math.round(number);
  return Math.abs(whole) < 2 ** 31 ? whole : 0;
};

const parseObject = (json: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
};
