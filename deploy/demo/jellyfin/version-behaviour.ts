// How the Jellyfin versions differ, as far as a controller notices (facts/jellyfin.md §0, §3, §4, §5). Pure.

export type JellyfinBehaviour = {
  readonly version: string;
  /** X-Emby-Token, ?api_key= and scheme Emby work unless the configuration says otherwise: default off in 12. */
  readonly legacyTokensByDefault: boolean;
  /** False before 10.11: there the old forms cannot be switched off. */
  readonly legacyTokensCanBeRefused: boolean;
  /** 10.9 and 10.10: SessionsStart on a key's socket is swallowed without an error. */
  readonly keySocketIsMute: boolean;
  /** 10.11 lets everybody subscribe and shows non-admins their own sessions; before, only admins. */
  readonly everybodySubscribes: boolean;
  /** 12 closes a socket that was silent for 60 s; older ones only forget it, so that it stays open for nothing. */
  readonly closesLostSockets: boolean;
  /** 10.11 and later answer through a small start-up server while they start. */
  readonly hasStartupServer: boolean;
  /** 10.9 without KnownProxies believed X-Forwarded-For from anyone. */
  readonly believesAnyProxy: boolean;
  /** Policy fields that came after 10.10. */
  readonly hasParentalSubRating: boolean;
  /** 12 lists below a library without `recursive` when types are given. */
  readonly looksBelowByType: boolean;
  /** Two folders of one show are one series to a user: in 12 wherever they lie, before within a library. */
  readonly groupsAcrossLibraries: boolean;
  /** RatingScore of GET /Localization/ParentalRatings, since 10.11. */
  readonly ratingsHaveScores: boolean;
  /** From 10.11.7 on tuners and guides are an admin's; before, of whoever may manage Live TV. And playlist entries must be absolute URLs. */
  readonly liveTvNeedsAdmin: boolean;
  /** AllowStreamSharing, AllowFmp4TranscodingContainer and FallbackMaxStreamingBitrate of a tuner, since 10.10. */
  readonly tunersShare: boolean;
  /** ReadAtNativeFramerate of a tuner, since 10.11. */
  readonly tunersPace: boolean;
  /** Up to 10.11 the start of a film that was played takes the mark away. */
  readonly unmarksRewatch: boolean;
  /** Up to 10.10 what is watched is kept by a key that copies of a film share. */
  readonly sharesWatchedByKey: boolean;
  /** 12 shows a film with several files as the file that was played last. */
  readonly showsLatestVersion: boolean;
  /** GET /Playlists/{id}, since 10.10. */
  readonly showsPlaylist: boolean;
  /** DELETE of a playlist's entries by a key, since 10.11. */
  readonly keyRemovesFromPlaylists: boolean;
  /** `position` where items are added to a playlist, since 12. */
  readonly addsAtPosition: boolean;
  /** 12: saving a guide forgets its cached file, an empty download is refused, a channel's logo follows its URL. */
  readonly guideIsFresh: boolean;
};

/** `12.0.0`, `10.11.11`, `10.10.7`, `10.9.11`. Throws on anything that is not three numbers, or is older than 10.9. */
export function behaviourOf(version: string): JellyfinBehaviour {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (!parts) throw new Error(`version ${JSON.stringify(version)}: want MAJOR.MINOR.PATCH`);
  const line = Number(parts[1]) * 1000 + Number(parts[2]);
  if (line < 10_009) throw new Error(`version ${version}: 10.9 is the oldest that is played`);
  return {
    version,
    legacyTokensByDefault: line < 12_000,
    legacyTokensCanBeRefused: line >= 10_011,
    keySocketIsMute: line < 10_011,
    everybodySubscribes: line >= 10_011,
    closesLostSockets: line >= 12_000,
    hasStartupServer: line >= 10_011,
    believesAnyProxy: line < 10_010,
    hasParentalSubRating: line >= 10_011,
    looksBelowByType: line >= 12_000,
    groupsAcrossLibraries: line >= 12_000,
    ratingsHaveScores: line >= 10_011,
    liveTvNeedsAdmin: line > 10_011 || (line === 10_011 && Number(parts[3]) >= 7),
    tunersShare: line >= 10_010,
    tunersPace: line >= 10_011,
    unmarksRewatch: line < 12_000,
    sharesWatchedByKey: line < 10_011,
    showsLatestVersion: line >= 12_000,
    showsPlaylist: line >= 10_010,
    keyRemovesFromPlaylists: line >= 10_011,
    addsAtPosition: line >= 12_000,
    guideIsFresh: line >= 12_000,
  };
}
