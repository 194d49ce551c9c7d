// Pure: what keeps a user from things, as a Jellyfin's policy says it, and the policy that says the same on another server.
import type { PersonRights } from '../../neighbours/synced-people.ts';
import type { PolicyAnswer, VirtualFolder } from './people-schemas.ts';

const plainId = (id: string): string => id.replaceAll('-', '').toLowerCase();
const plainName = (name: string): string => name.trim().toLowerCase();

/** A user who sees all libraries sees those that are there now, each by its name. */
export const rightsOf = (
  policy: PolicyAnswer,
  folders: readonly VirtualFolder[],
): PersonRights & { readonly isAdministrator: boolean } => {
  const seen = new Set((policy.EnabledFolders ?? []).map(plainId));
  const sees = ({ ItemId: id }: VirtualFolder): boolean =>
    (policy.EnableAllFolders ?? true) || (Boolean(id) && seen.has(plainId(id ?? '')));
  return {
    isAdministrator: policy.IsAdministrator ?? false,
    isDisabled: policy.IsDisabled ?? false,
    maxParentalRating: policy.MaxParentalRating ?? null,
    maxParentalSubRating: policy.MaxParentalSubRating ?? null,
    blockedTags: policy.BlockedTags ?? [],
    allowedTags: policy.AllowedTags ?? [],
    blockedUnrated: policy.BlockUnratedItems ?? [],
    libraries: folders.filter(sees).map(({ Name: name }) => name),
    mayWatchLiveTv: policy.EnableLiveTvAccess ?? true,
  };
};

export type Granted = {
  readonly ids: readonly string[];
  readonly libraries: readonly string[];
  readonly missing: readonly string[];
};

/** Libraries by the same name, whatever the letters' case; a name that two carry is unclear, and gives neither. */
export const grant = (names: readonly string[], folders: readonly VirtualFolder[]): Granted => {
  const ids: string[] = [];
  const libraries: string[] = [];
  const missing: string[] = [];
  for (const name of new Set(names)) {
    const alike = folders.filter((folder) => plainName(folder.Name) === plainName(name));
    const id = alike.length === 1 ? alike[0]?.ItemId : null;
    if (id) {
      ids.push(id);
      libraries.push(name);
    } else missing.push(name);
  }
  return { ids, libraries, missing };
};

/** The fields of a policy that say these rights. */
export const policyOf = (rights: PersonRights, { ids }: Granted) => ({
  IsDisabled: rights.isDisabled,
  // Left out, each is none.
  MaxParentalRating: rights.maxParentalRating ?? undefined,
  MaxParentalSubRating: rights.maxParentalSubRating ?? undefined,
  BlockedTags: rights.blockedTags,
  AllowedTags: rights.allowedTags,
  BlockUnratedItems: rights.blockedUnrated,
  EnableAllFolders: false,
  EnabledFolders: ids,
  // Channels of plug-ins carry no names that could be compared.
  EnableAllChannels: false,
  EnableLiveTvAccess: rights.mayWatchLiveTv,
});

const sameWords = (a: readonly string[], b: readonly string[]): boolean => {
  const words = new Set(a.map(plainName));
  return words.size === new Set(b.map(plainName)).size && b.every((word) => words.has(plainName(word)));
};

/** Null where the server shows these rights, else the field that it shows otherwise. Ages of 10.10 have no second number. */
export const otherThan = (rights: PersonRights, granted: Granted, policy: PolicyAnswer): string | null => {
  const shown = rightsOf(policy, []);
  if (shown.isDisabled !== rights.isDisabled) return 'IsDisabled';
  if (shown.maxParentalRating !== rights.maxParentalRating) return 'MaxParentalRating';
  if (!sameWords(shown.blockedTags, rights.blockedTags)) return 'BlockedTags';
  if (!sameWords(shown.allowedTags, rights.allowedTags)) return 'AllowedTags';
  if (!sameWords(shown.blockedUnrated, rights.blockedUnrated)) return 'BlockUnratedItems';
  if (policy.EnableAllFolders !== false) return 'EnableAllFolders';
  if (!sameWords((policy.EnabledFolders ?? []).map(plainId), granted.ids.map(plainId))) return 'EnabledFolders';
  if (shown.mayWatchLiveTv !== rights.mayWatchLiveTv) return 'EnableLiveTvAccess';
  return shown.isAdministrator ? 'IsAdministrator' : null;
};
