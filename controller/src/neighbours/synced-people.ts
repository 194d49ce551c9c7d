// What a media server must be able to do so that its users are made and removed as elsewhere. The adapter fits these shapes.

/** What keeps a user from things, in words that mean the same on every server. */
export type PersonRights = {
  readonly isDisabled: boolean;
  /** Null is no limit. The numbers are ages, from Jellyfin 10.9 on; the second one exists from 10.11 on. */
  readonly maxParentalRating: number | null;
  readonly maxParentalSubRating: number | null;
  readonly blockedTags: readonly string[];
  readonly allowedTags: readonly string[];
  /** Kinds of items that are hidden while they have no rating: `Movie`, `Series` … */
  readonly blockedUnrated: readonly string[];
  /** Names of the libraries that the user sees, all of them told one by one. */
  readonly libraries: readonly string[];
  readonly mayWatchLiveTv: boolean;
};

export type NewPerson = {
  readonly name: string;
  /** Null: none, on servers that want none. */
  readonly password: string | null;
  readonly rights: PersonRights;
};

export type MadePerson = {
  readonly id: string;
  /** Of the libraries that were wanted those that carry the same name there, once. */
  readonly libraries: readonly string[];
  /** And those that are not there, or not clearly: the user does not see them. */
  readonly missing: readonly string[];
};

/** Each call takes a signal, and throws ControllerError: `not_found` for a user that is gone, `upstream_…` and `timeout` for the rest. No message ever holds a password. */
export type SyncedPeople = {
  rights(userId: string, signal: AbortSignal): Promise<PersonRights & { readonly isAdministrator: boolean }>;
  /**
   * Never an administrator. Closed before it is opened: nobody can log in before the rights are there, and a user whose rights do not stay is removed again.
   * @throws ControllerError conflict for a name that is taken, in whatever letters · input_invalid for one that a server would not take
   */
  create(person: NewPerson, signal: AbortSignal): Promise<MadePerson>;
  /** What `create` left half done when we were cut off in it: the same, for a user who is there already. @throws ControllerError denied for an administrator */
  finish(userId: string, person: NewPerson, signal: AbortSignal): Promise<MadePerson>;
  /** All else of the user's policy stays. @throws ControllerError denied for an administrator */
  writeRights(userId: string, rights: PersonRights, signal: AbortSignal): Promise<void>;
  /** @throws ControllerError conflict, input_invalid */
  rename(userId: string, name: string, signal: AbortSignal): Promise<void>;
  /** With all their watch states and lists there. @throws ControllerError denied for an administrator */
  delete(userId: string, signal: AbortSignal): Promise<void>;
};
