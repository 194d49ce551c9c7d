// What a simulated Plex can be started with, and the defaults.
import type { PreferenceValue } from './preferences.ts';

export type PlexSimulatorOptions = {
  /** Default 0: any free one. Always on loopback. */
  readonly port?: number;
  /** PEM; serves https and wss. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** As behind a reverse proxy: "/plex". Everything else is 404. */
  readonly basePath?: string;
  /** The owner's; default `owner-Token-1234567890`. */
  readonly token?: string;
  readonly version?: string;
  readonly friendlyName?: string;
  /** Preferences that differ from Plex's defaults at the first start. */
  readonly preferences?: Readonly<Record<string, PreferenceValue>>;
  /** A session is listed only this long after its first notification, and this long after its last; default 150. */
  readonly listDelayMs?: number;
  /** Each session that plays or is paused is told of this often; default 10,000, as players report. */
  readonly progressMs?: number;
  /** Notifications of other kinds, of which nothing follows, this often; default 1,000. */
  readonly noiseMs?: number;
  /** State of the first notification; `buffering` becomes `playing` after twice `listDelayMs`. Default `playing`. */
  readonly startState?: 'playing' | 'buffering';
  /** How long a player still fills its buffer after a pause; default 2,000. */
  readonly pauseBufferMs?: number;
  /** `strings`: numbers and booleans below Metadata are strings ("1435031", "1"), as servers of 2020 wrote them. Default `typed`. */
  readonly jsonValues?: 'typed' | 'strings';
  /** What a shared user's token gets where only the owner may look: 403 since about 1.41.7, 401 before. Default 403. */
  readonly guestStatus?: 401 | 403;
  /** False: the upload limits are kept but not obeyed, as they belong to Plex Pass. Default true. */
  readonly plexPass?: boolean;
  /** False: a ping gets no pong, as some programs have seen. Default true. */
  readonly answersPings?: boolean;
};

export type ResolvedOptions = Required<Omit<PlexSimulatorOptions, 'tls'>> & Pick<PlexSimulatorOptions, 'tls'>;

export const resolveOptions = (given: PlexSimulatorOptions): ResolvedOptions => ({
  port: 0,
  basePath: '',
  token: 'owner-Token-1234567890',
  version: '1.43.0.10492-121068a07',
  friendlyName: 'Simulated Plex',
  preferences: {},
  listDelayMs: 150,
  progressMs: 10_000,
  noiseMs: 1_000,
  startState: 'playing',
  pauseBufferMs: 2_000,
  jsonValues: 'typed',
  guestStatus: 403,
  plexPass: true,
  answersPings: true,
  ...given,
});
