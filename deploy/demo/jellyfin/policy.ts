// A user's policy as Jellyfin reads, checks and stores it: the whole of it, omitted fields at permissive defaults (facts/jellyfin.md §4, §10). Pure.

export type Policy = Readonly<Record<string, unknown>> & {
  readonly IsAdministrator: boolean;
  readonly IsDisabled: boolean;
  readonly IsHidden: boolean;
  readonly EnableRemoteAccess: boolean;
  readonly EnableVideoPlaybackTranscoding: boolean;
  readonly RemoteClientBitrateLimit: number;
};

type Kind = 'bool' | 'int' | 'int?' | 'list' | 'text' | 'unstored';

/** Field, kind, and the class default: what an omitted field becomes. In the order of the real answers. */
const fields: readonly (readonly [name: string, kind: Kind, fallback: unknown])[] = [
  ['IsAdministrator', 'bool', false],
  ['IsHidden', 'bool', true],
  ['EnableCollectionManagement', 'bool', false],
  ['EnableSubtitleManagement', 'bool', false],
  ['EnableLyricManagement', 'bool', false],
  ['IsDisabled', 'bool', false],
  ['MaxParentalRating', 'int?', undefined],
  ['MaxParentalSubRating', 'int?', undefined],
  ['BlockedTags', 'list', []],
  ['AllowedTags', 'list', []],
  ['EnableUserPreferenceAccess', 'bool', true],
  ['AccessSchedules', 'list', []],
  ['BlockUnratedItems', 'list', []],
  ['EnableRemoteControlOfOtherUsers', 'bool', false],
  ['EnableSharedDeviceControl', 'bool', true],
  ['EnableRemoteAccess', 'bool', true],
  ['EnableLiveTvManagement', 'bool', true],
  ['EnableLiveTvAccess', 'bool', true],
  ['EnableMediaPlayback', 'bool', true],
  ['EnableAudioPlaybackTranscoding', 'bool', true],
  ['EnableVideoPlaybackTranscoding', 'bool', true],
  ['EnablePlaybackRemuxing', 'bool', true],
  ['ForceRemoteSourceTranscoding', 'bool', false],
  ['EnableContentDeletion', 'bool', false],
  ['EnableContentDeletionFromFolders', 'list', []],
  ['EnableContentDownloading', 'bool', true],
  ['EnableSyncTranscoding', 'bool', true],
  ['EnableMediaConversion', 'bool', true],
  ['EnabledDevices', 'list', []],
  ['EnableAllDevices', 'bool', true],
  ['EnabledChannels', 'list', []],
  ['EnableAllChannels', 'bool', true],
  ['EnabledFolders', 'list', []],
  ['EnableAllFolders', 'bool', true],
  ['InvalidLoginAttemptCount', 'int', 0],
  ['LoginAttemptsBeforeLockout', 'int', -1],
  ['MaxActiveSessions', 'int', 0],
  ['EnablePublicSharing', 'bool', true],
  ['BlockedMediaFolders', 'unstored', []],
  ['BlockedChannels', 'unstored', []],
  ['RemoteClientBitrateLimit', 'int', 0],
  ['AuthenticationProviderId', 'text', undefined],
  ['PasswordResetProviderId', 'text', undefined],
  ['SyncPlayAccess', 'text', 'CreateAndJoinGroups'],
];

export const providers = {
  AuthenticationProviderId: 'Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider',
  PasswordResetProviderId: 'Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider',
} as const;

/** Refusals by field, in the words of the real server. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

export type PolicyReading = { readonly policy: Policy } | { readonly errors: FieldErrors };

function int32(value: unknown): number | null {
  const number = typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return null;
  return number >= -2_147_483_648 && number <= 2_147_483_647 ? number : null;
}

/** The value to store, or undefined where the server's parser would refuse it. */
function readField(kind: Kind, value: unknown): { readonly value: unknown } | undefined {
  if (kind === 'unstored') return { value: [] };
  if (kind === 'bool') return typeof value === 'boolean' ? { value } : undefined;
  if (kind === 'list') return Array.isArray(value) ? { value } : value === null ? { value: [] } : undefined;
  if (kind === 'text') return typeof value === 'string' || value === null ? { value } : undefined;
  if (kind === 'int?' && value === null) return { value: undefined };
  const number = int32(value);
  return number === null ? undefined : { value: number };
}

function conversionError(name: string, kind: Kind): FieldErrors {
  const type = {
    bool: 'System.Boolean',
    int: 'System.Int32',
    'int?': 'System.Nullable`1[System.Int32]',
    list: 'System.String[]',
  }[kind as 'int'];
  return {
    newPolicy: ['The newPolicy field is required.'],
    [`$.${name}`]: [
      `The JSON value could not be converted to ${type ?? 'System.String'}. Path: $.${name} | LineNumber: 0 | BytePositionInLine: 0.`,
    ],
  };
}

/** Property names are matched without regard to case; unknown ones are dropped without a word. */
export function readPolicy(body: unknown, hasParentalSubRating: boolean): PolicyReading {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    return { errors: { newPolicy: ['The newPolicy field is required.'] } };
  const given = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
  const policy: Record<string, unknown> = {};
  for (const [name, kind, fallback] of fields) {
    if (name === 'MaxParentalSubRating' && !hasParentalSubRating) continue;
    const value: unknown = given.get(name.toLowerCase());
    const read = value === undefined ? { value: fallback } : readField(kind, value);
    if (!read) return { errors: conversionError(name, kind) };
    if (read.value !== undefined) policy[name] = read.value;
  }
  const missing = Object.keys(providers).filter((name) => typeof policy[name] !== 'string' || policy[name] === '');
  if (missing.length > 0)
    return { errors: Object.fromEntries(missing.reverse().map((name) => [name, [`The ${name} field is required.`]])) };
  // UserManager.UpdatePolicy: 0 means "the default", which is 3; −1 means never.
  if (policy['LoginAttemptsBeforeLockout'] === 0) policy['LoginAttemptsBeforeLockout'] = 3;
  return { policy: policy as Policy };
}

/** What POST /Users/New gives: as the class default, but without Live TV management; an admin may everything. */
export function newUserPolicy(patch: Readonly<Record<string, unknown>> = {}): Policy {
  const isAdministrator = patch['IsAdministrator'] === true;
  const first = {
    EnableLiveTvManagement: false,
    EnableRemoteControlOfOtherUsers: isAdministrator,
    EnableContentDeletion: isAdministrator,
  };
  const reading = readPolicy({ ...first, ...providers, ...patch }, true);
  if ('errors' in reading) throw new Error(`policy: ${Object.values(reading.errors).flat().join(' ')}`);
  return reading.policy;
}
