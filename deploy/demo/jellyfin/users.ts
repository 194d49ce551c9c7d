// Users, their policies, tokens and API keys: what a restart keeps.
import { timingSafeEqual } from 'node:crypto';
import { refusals } from './answer.ts';
import { emptyId, isoTime, newId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import { newUserPolicy, type Policy } from './policy.ts';

export type StoredUser = {
  readonly id: string;
  name: string;
  password: string;
  policy: Policy;
  lastLoginAt: number | null;
  lastActivityAt: number | null;
};

/** A token of a log-in. */
export type Token = {
  readonly token: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly device: string;
  readonly client: string;
  readonly version: string;
};

export type ApiKey = { readonly token: string; readonly app: string; readonly createdAt: number };

/** What is kept on disk. */
export type StoredUsers = { readonly users: StoredUser[]; readonly tokens: Token[]; readonly keys: ApiKey[] };

export type Users = {
  list(): readonly StoredUser[];
  byId(id: string | null): StoredUser | null;
  byName(name: string): StoredUser | null;
  add(name: string, password: string, patch?: Readonly<Record<string, unknown>>): StoredUser;
  remove(id: string): void;
  /** The same rules as for a new one. */
  rename(user: StoredUser, name: string): void;
  setPolicy(user: StoredUser, policy: Policy): void;
  /** A second log-in with the same user and device id makes the first token void. */
  logIn(user: StoredUser, device: Omit<Token, 'token' | 'userId'>): Token;
  revoke(keep: (token: Token) => boolean): void;
  token(text: string): Token | null;
  key(text: string): ApiKey | null;
  keys(): readonly ApiKey[];
  addKey(app: string, token?: string): ApiKey;
  removeKey(token: string): void;
};

function sameSecret(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** 12 answers 403 with the sentence for each of these. */
function checkPolicy(users: readonly StoredUser[], user: StoredUser, policy: Policy): void {
  const wasAdministrator = user.policy.IsAdministrator;
  if (wasAdministrator && !policy.IsAdministrator && users.filter((one) => one.policy.IsAdministrator).length === 1)
    throw refusals.sentence(403, 'There must be at least one user in the system with administrative access.');
  if (policy.IsDisabled && wasAdministrator) throw refusals.sentence(403, 'Administrators cannot be disabled.');
  if (policy.IsDisabled && !user.policy.IsDisabled && users.filter((one) => !one.policy.IsDisabled).length === 1)
    throw refusals.sentence(403, 'There must be at least one enabled user in the system.');
}

/** `changed` is called after each change that must survive a restart. */
export function createUsers(stored: StoredUsers, now: () => number, changed: () => void): Users {
  const { users, tokens, keys } = stored;
  const byName = (name: string) => users.find((user) => user.name.toLowerCase() === name.toLowerCase()) ?? null;
  // Seen: a name that is taken in any letter case, or that holds a slash, is 400 without a reason.
  const checkName = (name: string, but: StoredUser | null) => {
    const taken = byName(name);
    if (!/^(?!\s)[\p{L}\p{N}\w \-'._@+]+(?<!\s)$/u.test(name) || (taken && taken !== but)) throw refusals.processing(400);
  };
  const revoke: Users['revoke'] = (keep) => {
    tokens.splice(0, tokens.length, ...tokens.filter(keep));
    changed();
  };
  return {
    list: () => users,
    byId: (id) => users.find((user) => user.id === id) ?? null,
    byName,
    add(name, password, patch = {}) {
      checkName(name, null);
      const user: StoredUser = {
        id: newId(),
        name,
        password,
        policy: newUserPolicy(patch),
        lastLoginAt: null,
        lastActivityAt: null,
      };
      users.push(user);
      changed();
      return user;
    },
    remove(id) {
      users.splice(0, users.length, ...users.filter((user) => user.id !== id));
      revoke((token) => token.userId !== id);
    },
    rename(user, name) {
      checkName(name, user);
      user.name = name;
      changed();
    },
    setPolicy(user, policy) {
      checkPolicy(users, user, policy);
      user.policy = policy;
      if (policy.IsDisabled) revoke((token) => token.userId !== user.id);
      changed();
    },
    logIn(user, device) {
      const token: Token = { ...device, token: newId(), userId: user.id };
      user.lastLoginAt = user.lastActivityAt = now();
      tokens.splice(
        0,
        tokens.length,
        ...tokens.filter((old) => old.userId !== user.id || old.deviceId !== device.deviceId),
        token,
      );
      changed();
      return token;
    },
    revoke,
    token: (text) => tokens.find((token) => sameSecret(token.token, text)) ?? null,
    key: (text) => keys.find((key) => sameSecret(key.token, text)) ?? null,
    keys: () => keys,
    addKey(app, token = newId()) {
      const key: ApiKey = { token, app, createdAt: now() };
      keys.push(key);
      changed();
      return key;
    },
    removeKey(token) {
      keys.splice(0, keys.length, ...keys.filter((key) => key.token !== token));
      changed();
    },
  };
}

const configuration = {
  PlayDefaultAudioTrack: true,
  SubtitleLanguagePreference: '',
  DisplayMissingEpisodes: false,
  GroupedFolders: [],
  SubtitleMode: 'Default',
  DisplayCollectionsView: false,
  EnableLocalPassword: false,
  OrderedViews: [],
  LatestItemsExcludes: [],
  MyMediaExcludes: [],
  HidePlayedInLatest: true,
  RememberAudioSelections: true,
  RememberSubtitleSelections: true,
  EnableNextEpisodeAutoPlay: true,
  CastReceiverId: 'F007D354',
};

export function userDto(user: StoredUser, serverId: string): Dto {
  return {
    Name: user.name,
    ServerId: serverId,
    Id: user.id,
    HasPassword: user.password !== '',
    HasConfiguredPassword: user.password !== '',
    HasConfiguredEasyPassword: false,
    EnableAutoLogin: false,
    ...(user.lastLoginAt === null ? {} : { LastLoginDate: isoTime(user.lastLoginAt) }),
    ...(user.lastActivityAt === null ? {} : { LastActivityDate: isoTime(user.lastActivityAt) }),
    Configuration: configuration,
    Policy: user.policy,
  };
}

export function keyDto(key: ApiKey, index: number): Dto {
  return {
    Id: index,
    AccessToken: key.token,
    DeviceId: '',
    AppName: key.app,
    AppVersion: '',
    DeviceName: '',
    UserId: emptyId,
    IsActive: false,
    DateCreated: isoTime(key.createdAt),
    DateLastActivity: isoTime(null),
  };
}
