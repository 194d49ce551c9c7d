// What each recorded hook says. Written from the recordings' notes, not from what the reader answers.
import type { WatchChange, WatchField } from '../../../src/neighbours/watch-state.ts';
import type { Report } from '../../../src/sync/intake/webhook-payload.ts';

const REPORT: Report = {
  type: 'other',
  typeTold: '',
  serverUtcMs: null,
  utcTicks: null,
  userId: null,
  userName: null,
  itemId: null,
  itemKind: null,
  itemName: null,
  itemPath: null,
  providerIds: {},
  series: null,
  saveReason: null,
  isAutomated: false,
  has: {},
  unmeant: [],
  said: {},
};

/** Of a time as the plugin writes it: up to seven digits of a second. */
const at = (text: string) => {
  const serverUtcMs = Date.parse(text);
  const digits = (/\.(\d+)Z$/.exec(text)?.[1] ?? '').padEnd(7, '0');
  return { serverUtcMs, utcTicks: BigInt(serverUtcMs) * 10_000n + BigInt(digits.slice(3)) };
};
const saved = (time: string, saveReason: string): Report => ({
  ...REPORT,
  ...at(time),
  type: 'UserDataSaved',
  typeTold: 'UserDataSaved',
  saveReason,
});
/** @param unmeant nobody's wish, so it is not said */
const means = (has: WatchChange, ...unmeant: readonly WatchField[]): Pick<Report, 'has' | 'unmeant' | 'said'> => {
  const said: Record<string, unknown> = { ...has };
  for (const field of unmeant) delete said[field];
  return { has, unmeant, said };
};

const ADMIN = { userId: '8b36299bf9d9492a920db605c615bb58', userName: 'admin' };
const ALICE = { userId: '21909780df1a40f7866ddcdf99a3b2c2', userName: 'alice' };
const BOB = { userId: '245ab90a1c6c4a5ca493952213629ad0', userName: 'Bob Ö' };
const CAROLINE = { userId: '4b692846b8774ede9885cf1959743f7f', userName: 'caroline' };

const SHOW = {
  itemId: '3589b57c8ee384f36a2929386f5d787f',
  itemKind: 'series',
  itemName: 'Test Show',
  providerIds: { tmdb: '777' },
} as const;
const SEASON_ID = 'cb1f8ae49fe2afbbe308430b4ef282c7';
const BIG_RENAMED = {
  itemId: 'd4bf1a549c3e2959df890ffcbb38d511',
  itemKind: 'movie',
  itemName: 'Big Test Movie',
  providerIds: { tmdb: '1234', imdb: 'tt0001234' },
} as const;
const EPISODE_1 = {
  itemId: 'aca2d003df191b6b3df6d26011e19bb6',
  itemKind: 'episode',
  itemName: 'Episode 1 title',
  providerIds: { tmdb: '7771' },
  series: { id: SHOW.itemId, seasonId: SEASON_ID, name: 'Test Show', season: 1, episode: 1 },
} as const;
const BIG = {
  itemId: '987a6fb968cd2780fd1984c5bf37c21e',
  itemKind: 'movie',
  itemName: 'Big Test Movie',
  providerIds: { imdb: 'tt0001234', tmdb: '1234' },
} as const;
const HOME = {
  itemId: 'b51d5dad8287c8ca70e318f707965fe2',
  itemKind: 'movie',
  itemName: 'Home Video (2023)',
  providerIds: {},
} as const;
const QUOTED = {
  itemId: '1ab5caa06ff34de1b0b76e19536b88f9',
  itemKind: 'movie',
  itemName: `Say "Hällo" – Ünïcode ☃ 日本 <b> & 'x' \\ back`,
  providerIds: { tmdb: '9999' },
} as const;
const REALTIME = {
  itemId: '07b3d8f6c648454e33f92bf8b76d8c98',
  itemKind: 'movie',
  itemName: 'Realtime Film (2024) [tmdbid-8888]',
  providerIds: { tmdb: '8888' },
} as const;
const LONG = {
  itemId: 'd8aee9110adb9e6310fe6436ff046c28',
  itemKind: 'movie',
  itemName: 'Long Film (2020) [tmdbid-5555]',
  providerIds: { tmdb: '5555' },
} as const;
const EPISODE_2 = {
  itemId: '25f76eee7b5734a591796a52f307716f',
  itemKind: 'episode',
  itemName: 'Episode 2 title',
  providerIds: { tmdb: '7772' },
  series: { id: SHOW.itemId, seasonId: SEASON_ID, name: 'Test Show', season: 1, episode: 2 },
} as const;
const EPISODE_3 = {
  itemId: '8350edded486c8bbe444f3fe28c5258c',
  itemKind: 'episode',
  itemName: 'Episode 3 title',
  providerIds: { tmdb: '7773' },
  series: { id: SHOW.itemId, seasonId: SEASON_ID, name: 'Test Show', season: 1, episode: 3 },
} as const;
const SEASON = {
  itemId: 'cb1f8ae49fe2afbbe308430b4ef282c7',
  itemKind: 'season',
  itemName: 'Season 1',
  providerIds: {},
  series: { id: SHOW.itemId, seasonId: null, name: 'Test Show', season: 1, episode: null },
} as const;
const BIG_SECOND = {
  itemId: '5df47c547f3a91acbe3744ecc4d34113',
  itemKind: 'movie',
  itemName: 'Big Test Movie',
  providerIds: { tmdb: '1234', imdb: 'tt0001234' },
} as const;
const SMALL = {
  itemId: '2132a7966e2e611244ccb71f1e540da8',
  itemKind: 'movie',
  itemName: 'Small Movie (2021) [tmdbid-4321]',
  providerIds: { tmdb: '4321' },
} as const;

export const expectedReports: Readonly<Record<string, Report>> = {
  'authentication-failure': { ...REPORT, userName: 'alice', typeTold: 'AuthenticationFailure' },
  'authentication-success': { ...REPORT, ...ALICE, typeTold: 'AuthenticationSuccess' },
  'item-added-after-rename': {
    ...REPORT,
    ...at('2026-11-21T04:59:36.2575813Z'),
    ...BIG_RENAMED,
    type: 'ItemAdded',
    typeTold: 'ItemAdded',
  },
  'item-added-episode': {
    ...REPORT,
    ...at('2026-11-21T04:45:21.2959975Z'),
    ...EPISODE_1,
    type: 'ItemAdded',
    typeTold: 'ItemAdded',
  },
  'item-added-movie': { ...REPORT, ...at('2026-11-21T04:45:21.2982686Z'), ...BIG, type: 'ItemAdded', typeTold: 'ItemAdded' },
  'item-added-no-provider-ids': {
    ...REPORT,
    ...at('2026-11-21T05:05:40.3582464Z'),
    ...HOME,
    type: 'ItemAdded',
    typeTold: 'ItemAdded',
  },
  'item-added-quoted-title': {
    ...REPORT,
    ...at('2026-11-21T04:50:30.2288639Z'),
    ...QUOTED,
    type: 'ItemAdded',
    typeTold: 'ItemAdded',
  },
  'item-added-series': { ...REPORT, ...at('2026-11-21T04:45:21.2929859Z'), ...SHOW, type: 'ItemAdded', typeTold: 'ItemAdded' },
  'item-deleted-by-api': {
    ...REPORT,
    ...at('2026-11-21T04:59:36.2581286Z'),
    ...REALTIME,
    type: 'ItemDeleted',
    typeTold: 'ItemDeleted',
  },
  'item-deleted-by-rename': {
    ...REPORT,
    ...at('2026-11-21T04:59:36.3254464Z'),
    ...BIG,
    type: 'ItemDeleted',
    typeTold: 'ItemDeleted',
  },
  'item-deleted-by-scan': {
    ...REPORT,
    ...at('2026-11-21T04:59:36.2677504Z'),
    ...QUOTED,
    type: 'ItemDeleted',
    typeTold: 'ItemDeleted',
  },
  'playback-progress-automated': {
    ...REPORT,
    ...at('2026-11-21T04:46:36.3211217Z'),
    ...LONG,
    ...ALICE,
    type: 'PlaybackProgress',
    typeTold: 'PlaybackProgress',
    isAutomated: true,
  },
  'playback-progress-paused': {
    ...REPORT,
    ...at('2026-11-21T04:47:06.7014386Z'),
    ...LONG,
    ...ALICE,
    type: 'PlaybackProgress',
    typeTold: 'PlaybackProgress',
  },
  'playback-progress-reported': {
    ...REPORT,
    ...at('2026-11-21T04:46:46.5754182Z'),
    ...LONG,
    ...ALICE,
    type: 'PlaybackProgress',
    typeTold: 'PlaybackProgress',
  },
  'playback-start-episode': {
    ...REPORT,
    ...at('2026-11-21T04:49:31.623386Z'),
    ...EPISODE_1,
    ...ALICE,
    type: 'PlaybackStart',
    typeTold: 'PlaybackStart',
  },
  'playback-start-movie': {
    ...REPORT,
    ...at('2026-11-21T04:46:35.477984Z'),
    ...LONG,
    ...ALICE,
    type: 'PlaybackStart',
    typeTold: 'PlaybackStart',
  },
  'playback-stop-by-server-idle': {
    ...REPORT,
    ...at('2026-11-21T05:10:32.0742303Z'),
    ...LONG,
    ...BOB,
    type: 'PlaybackStop',
    typeTold: 'PlaybackStop',
    ...means({ positionMs: 300_000 }),
  },
  'playback-stop-completed-episode': {
    ...REPORT,
    ...at('2026-11-21T04:49:38.9452252Z'),
    ...EPISODE_1,
    ...ALICE,
    type: 'PlaybackStop',
    typeTold: 'PlaybackStop',
    ...means({ played: true, positionMs: 0 }),
  },
  'playback-stop-failed': {
    ...REPORT,
    ...at('2026-11-21T04:49:48.5686973Z'),
    ...LONG,
    ...ALICE,
    type: 'PlaybackStop',
    typeTold: 'PlaybackStop',
    ...means({ positionMs: 300_000 }),
  },
  'playback-stop-middle': {
    ...REPORT,
    ...at('2026-11-21T04:47:29.8910368Z'),
    ...LONG,
    ...ALICE,
    type: 'PlaybackStop',
    typeTold: 'PlaybackStop',
    ...means({ positionMs: 303_000 }),
  },
  'playback-stop-without-position': {
    ...REPORT,
    ...at('2026-11-21T04:49:41.0577309Z'),
    ...EPISODE_2,
    ...ALICE,
    type: 'PlaybackStop',
    typeTold: 'PlaybackStop',
    ...means({ played: true, positionMs: 0 }),
  },
  'session-start-api-key': { ...REPORT, ...ALICE, typeTold: 'SessionStart' },
  'session-start': { ...REPORT, ...ALICE, typeTold: 'SessionStart' },
  'user-created': { ...REPORT, ...ALICE, type: 'UserCreated', typeTold: 'UserCreated' },
  'user-deleted': { ...REPORT, ...CAROLINE, type: 'UserDeleted', typeTold: 'UserDeleted' },
  'user-updated-rename': { ...REPORT, ...CAROLINE, type: 'UserUpdated', typeTold: 'UserUpdated' },
  'userdata-additional-user': {
    ...saved('2026-11-21T05:03:13.4989607Z', 'PlaybackStart'),
    ...LONG,
    ...ADMIN,
    ...means(
      {
        favourite: false,
        rating: null,
        played: false,
        playCount: 1,
        positionMs: 0,
        lastPlayedMs: at('2026-11-21T05:03:13.4905281Z').serverUtcMs,
      },
      'played',
    ),
  },
  'userdata-content-type-json': {
    ...saved('2026-11-21T05:01:30.8551842Z', 'UpdateUserRating'),
    ...LONG,
    ...BOB,
    ...means({
      favourite: true,
      rating: null,
      played: false,
      playCount: 1,
      positionMs: 200_000,
      lastPlayedMs: at('2026-11-21T04:55:56.0217001Z').serverUtcMs,
    }),
  },
  'userdata-dislike': {
    ...saved('2026-11-21T04:48:24.8998467Z', 'UpdateUserRating'),
    ...BIG,
    ...ALICE,
    ...means({ favourite: false, rating: 1, played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-favourite-off': {
    ...saved('2026-11-21T04:48:21.6466878Z', 'UpdateUserRating'),
    ...BIG,
    ...ALICE,
    ...means({ favourite: false, rating: null, played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-favourite-on': {
    ...saved('2026-11-21T04:48:18.49066Z', 'UpdateUserRating'),
    ...BIG,
    ...ALICE,
    ...means({ favourite: true, rating: null, played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-like': {
    ...saved('2026-11-21T04:48:23.2928815Z', 'UpdateUserRating'),
    ...BIG,
    ...ALICE,
    ...means({ favourite: false, rating: 10, played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-nonascii-user': {
    ...saved('2026-11-21T04:56:00.2406661Z', 'UpdateUserRating'),
    ...BIG,
    ...BOB,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:55:55.2298356Z').serverUtcMs,
    }),
  },
  'userdata-playbackfinished-by-server-idle': {
    ...saved('2026-11-21T05:10:32.0703781Z', 'PlaybackFinished'),
    ...LONG,
    ...BOB,
    ...means(
      {
        favourite: true,
        rating: null,
        played: false,
        playCount: 2,
        positionMs: 300_000,
        lastPlayedMs: at('2026-11-21T05:03:02.0954584Z').serverUtcMs,
      },
      'played',
    ),
  },
  'userdata-playbackfinished-completed': {
    ...saved('2026-11-21T04:49:38.9407176Z', 'PlaybackFinished'),
    ...EPISODE_1,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:49:31.6150756Z').serverUtcMs,
    }),
  },
  'userdata-playbackfinished-middle': {
    ...saved('2026-11-21T04:47:29.8818677Z', 'PlaybackFinished'),
    ...LONG,
    ...ALICE,
    ...means(
      {
        favourite: false,
        rating: null,
        played: false,
        playCount: 1,
        positionMs: 303_000,
        lastPlayedMs: at('2026-11-21T04:46:35.3176648Z').serverUtcMs,
      },
      'played',
    ),
  },
  'userdata-playbackfinished-rewatch-position': {
    ...saved('2026-11-21T04:53:36.7299556Z', 'PlaybackFinished'),
    ...LONG,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 4,
      positionMs: 200_000,
      lastPlayedMs: at('2026-11-21T04:53:16.3689577Z').serverUtcMs,
    }),
  },
  'userdata-playbackfinished-under-5-percent': {
    ...saved('2026-11-21T04:49:44.2080163Z', 'PlaybackFinished'),
    ...LONG,
    ...ALICE,
    ...means(
      {
        favourite: false,
        rating: null,
        played: false,
        playCount: 1,
        positionMs: 0,
        lastPlayedMs: at('2026-11-21T04:49:43.145567Z').serverUtcMs,
      },
      'played',
    ),
  },
  'userdata-playbackprogress-middle': {
    ...saved('2026-11-21T04:47:26.8041607Z', 'PlaybackProgress'),
    ...LONG,
    ...ALICE,
    ...means(
      {
        favourite: false,
        rating: null,
        played: false,
        playCount: 1,
        positionMs: 300_000,
        lastPlayedMs: at('2026-11-21T04:46:35.3176648Z').serverUtcMs,
      },
      'played',
    ),
  },
  'userdata-playbackprogress-over-90-percent': {
    ...saved('2026-11-21T04:49:46.373127Z', 'PlaybackProgress'),
    ...LONG,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 2,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:49:45.3073212Z').serverUtcMs,
    }),
  },
  'userdata-playbackprogress-short-episode': {
    ...saved('2026-11-21T04:49:33.6816477Z', 'PlaybackProgress'),
    ...EPISODE_1,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:49:31.6150756Z').serverUtcMs,
    }),
  },
  'userdata-playbackprogress-under-5-percent': {
    ...saved('2026-11-21T04:46:46.5741828Z', 'PlaybackProgress'),
    ...LONG,
    ...ALICE,
    ...means(
      {
        favourite: false,
        rating: null,
        played: false,
        playCount: 1,
        positionMs: 0,
        lastPlayedMs: at('2026-11-21T04:46:35.3176648Z').serverUtcMs,
      },
      'played',
    ),
  },
  'userdata-playbackstart': {
    ...saved('2026-11-21T04:46:35.4324931Z', 'PlaybackStart'),
    ...LONG,
    ...ALICE,
    ...means(
      {
        favourite: false,
        rating: null,
        played: false,
        playCount: 1,
        positionMs: 0,
        lastPlayedMs: at('2026-11-21T04:46:35.3176648Z').serverUtcMs,
      },
      'played',
    ),
  },
  'userdata-quoted-title': {
    ...saved('2026-11-21T04:50:31.4190517Z', 'UpdateUserRating'),
    ...QUOTED,
    ...ALICE,
    ...means({ favourite: true, rating: null, played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-rating-cleared': {
    ...saved('2026-11-21T04:48:26.4793786Z', 'UpdateUserRating'),
    ...BIG,
    ...ALICE,
    ...means({ favourite: false, rating: null, played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-season-played-1of3': {
    ...saved('2026-11-21T04:49:12.8286654Z', 'TogglePlayed'),
    ...EPISODE_1,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:49:12.822895Z').serverUtcMs,
    }),
  },
  'userdata-season-played-2of3': {
    ...saved('2026-11-21T04:49:12.8351279Z', 'TogglePlayed'),
    ...EPISODE_2,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:49:12.8298563Z').serverUtcMs,
    }),
  },
  'userdata-season-played-3of3': {
    ...saved('2026-11-21T04:49:12.8411105Z', 'TogglePlayed'),
    ...EPISODE_3,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:49:12.8363047Z').serverUtcMs,
    }),
  },
  'userdata-season-userdata-played': {
    ...saved('2026-11-21T04:49:30.0466351Z', 'UpdateUserData'),
    ...SEASON,
    ...ALICE,
    ...means({ favourite: false, rating: null }),
  },
  'userdata-series-favourite': {
    ...saved('2026-11-21T04:49:28.4994441Z', 'UpdateUserRating'),
    ...SHOW,
    ...ALICE,
    ...means({ favourite: true, rating: null }),
  },
  'userdata-toggleplayed-api-key': {
    ...saved('2026-11-21T04:48:15.3721664Z', 'TogglePlayed'),
    ...BIG,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:48:15.3620813Z').serverUtcMs,
    }),
  },
  'userdata-toggleplayed-date-played': {
    ...saved('2026-11-21T04:48:10.6471158Z', 'TogglePlayed'),
    ...BIG,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2024-03-02T10:00:00.0000000Z').serverUtcMs,
    }),
  },
  'userdata-toggleplayed-played': {
    ...saved('2026-11-21T04:48:05.8582029Z', 'TogglePlayed'),
    ...LONG,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T04:46:35.3176648Z').serverUtcMs,
    }),
  },
  'userdata-toggleplayed-unplayed': {
    ...saved('2026-11-21T04:48:07.4597217Z', 'TogglePlayed'),
    ...LONG,
    ...ALICE,
    ...means({ favourite: false, rating: null, played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-two-versions-other': {
    ...saved('2026-11-21T05:00:25.7462233Z', 'TogglePlayed'),
    ...BIG_RENAMED,
    ...ALICE,
    ...means({ favourite: true, rating: null, played: true, playCount: 0, positionMs: 0, lastPlayedMs: null }),
  },
  'userdata-two-versions-primary': {
    ...saved('2026-11-21T05:00:25.739249Z', 'TogglePlayed'),
    ...BIG_SECOND,
    ...ALICE,
    ...means({
      favourite: false,
      rating: null,
      played: true,
      playCount: 1,
      positionMs: 0,
      lastPlayedMs: at('2026-11-21T05:00:25.734671Z').serverUtcMs,
    }),
  },
  'userdata-update-empty': {
    ...saved('2026-11-21T04:48:34.491918Z', 'UpdateUserData'),
    ...SMALL,
    ...ALICE,
    ...means({
      favourite: true,
      rating: 8.5,
      played: true,
      playCount: 3,
      positionMs: 0,
      lastPlayedMs: at('2023-01-02T03:04:05.0000000Z').serverUtcMs,
    }),
  },
  'userdata-update-played': {
    ...saved('2026-11-21T04:48:29.7812983Z', 'UpdateUserData'),
    ...SMALL,
    ...ALICE,
    // A date cannot be taken away so.
    ...means(
      { favourite: false, rating: null, played: true, playCount: 0, positionMs: 10_000, lastPlayedMs: null },
      'lastPlayedMs',
    ),
  },
  'userdata-update-position': {
    ...saved('2026-11-21T04:48:28.148482Z', 'UpdateUserData'),
    ...SMALL,
    ...ALICE,
    // A date cannot be taken away so.
    ...means(
      { favourite: false, rating: null, played: false, playCount: 0, positionMs: 10_000, lastPlayedMs: null },
      'lastPlayedMs',
    ),
  },
  'userdata-update-several': {
    ...saved('2026-11-21T04:48:32.9622308Z', 'UpdateUserData'),
    ...SMALL,
    ...ALICE,
    ...means({
      favourite: true,
      rating: 8.5,
      played: true,
      playCount: 3,
      positionMs: 0,
      lastPlayedMs: at('2023-01-02T03:04:05.0000000Z').serverUtcMs,
    }),
  },
};
