// The endpoints below /api/v2/ that the simulated qBittorrent knows, for a caller who has been let in.
import type { Session, SimulatedVersion } from './entrance.ts';
import { maindataAnswer, type SyncMemory } from './maindata.ts';
import { activeLimit, applyActiveLimit, applyPreferences, type SimulatedSettings } from './settings.ts';
import type { Torrents } from './torrents.ts';
import type { Traffic } from './traffic.ts';

/** What an endpoint may read and change. `late` settings are saved 5 s later, the others at once. */
export type Inside = {
  readonly version: SimulatedVersion;
  readonly webPort: number;
  readonly username: string;
  readonly traffic: Traffic;
  readonly torrents: Torrents;
  settings(): SimulatedSettings;
  change(next: SimulatedSettings, saved: 'at once' | 'late'): void;
};

export type Parameters = ReadonlyMap<string, string>;
export type Answer = { readonly status: number; readonly body: string; readonly json?: boolean };
type Endpoint = {
  /** Setters are POST only; the rest may be asked by GET and POST. */
  readonly postOnly?: true;
  readonly needs?: readonly string[];
  /** Where not all know it. */
  readonly versions?: readonly SimulatedVersion[];
  readonly run: (inside: Inside, given: Parameters, session: Session) => string | object;
};

const webApiVersions: Readonly<Record<SimulatedVersion, string>> = {
  '4.5.2': '2.8.19',
  '5.0.5': '2.11.2',
  '5.1.4': '2.11.4',
  '5.2.3': '2.15.1',
};

const transferInfo = ({ version, traffic, settings }: Inside) => {
  const { uploaded, downloaded } = traffic.count(settings());
  const { upload, download } = traffic.now(settings());
  return {
    connection_status: 'connected',
    dht_nodes: 0,
    dl_info_data: downloaded,
    dl_info_speed: Math.round(download),
    dl_rate_limit: activeLimit(settings(), 'dl'),
    ...(version === '4.5.2' || version === '5.0.5' ? {} : { last_external_address_v4: '', last_external_address_v6: '' }),
    up_info_data: uploaded,
    up_info_speed: Math.round(upload),
    up_rate_limit: activeLimit(settings(), 'up'),
  };
};

const serverState = (inside: Inside) => ({
  ...transferInfo(inside),
  alltime_dl: 0,
  alltime_ul: 0,
  free_space_on_disk: 0,
  queueing: true,
  refresh_interval: 1500,
  total_peer_connections: 0,
  use_alt_speed_limits: inside.settings().use_alt_speed_limits,
});

/** A part of the original's 150 keys, with those that must not leak into anybody's log. */
const preferences = ({ version, webPort, username, settings }: Inside) => {
  const { use_alt_speed_limits: _hidden, ...limits } = settings(); // the mode is not among the preferences
  return {
    ...limits,
    limit_tcp_overhead: false,
    limit_utp_rate: true,
    mail_notification_password: 'mail secret of the simulator',
    proxy_password: 'proxy secret of the simulator',
    refresh_interval: 1500,
    scheduler_enabled: false,
    web_ui_max_auth_fail_count: 5,
    web_ui_port: webPort,
    web_ui_session_timeout: 3600,
    web_ui_username: username,
    ...(version === '5.2.3' ? { web_ui_api_key: 'qbt_key_secret_of_the_simulator' } : {}),
  };
};

const setLimit = (direction: 'up' | 'dl'): Endpoint => ({
  postOnly: true,
  needs: ['limit'],
  run: (inside, given) => {
    inside.change(applyActiveLimit(inside.settings(), direction, given.get('limit') ?? ''), 'late');
    return '';
  },
});

const setMode = (inside: Inside, alternative: boolean): string => {
  inside.change({ ...inside.settings(), use_alt_speed_limits: alternative }, 'late');
  return '';
};

/** What was moved until now was moved by those that ran until now. */
const change = (act: (torrents: Torrents, given: Parameters) => void): Pick<Endpoint, 'postOnly' | 'needs' | 'run'> => ({
  postOnly: true,
  needs: ['hashes'],
  run: ({ traffic, torrents, settings }, given) => {
    traffic.count(settings());
    act(torrents, given);
    return '';
  },
});
const stop = change((torrents, given) => torrents.stop(given.get('hashes') ?? ''));
const start = change((torrents, given) => torrents.start(given.get('hashes') ?? '', 'queued'));
const force = change((torrents, given) =>
  torrents.start(given.get('hashes') ?? '', /^true$/i.test(given.get('value') ?? '') ? 'forced' : 'queued'),
);
const from5: readonly SimulatedVersion[] = ['5.0.5', '5.1.4', '5.2.3'];

const endpoints: Readonly<Record<string, Endpoint>> = {
  'app/version': { run: ({ version }) => `v${version}` },
  'app/webapiVersion': { run: ({ version }) => webApiVersions[version] },
  'app/preferences': { run: preferences },
  'app/setPreferences': {
    postOnly: true,
    needs: ['json'],
    run: (inside, given) => {
      inside.change(applyPreferences(inside.settings(), given.get('json') ?? ''), 'at once');
      return '';
    },
  },
  'transfer/info': { run: transferInfo },
  'transfer/uploadLimit': { run: ({ settings }) => String(activeLimit(settings(), 'up')) },
  'transfer/downloadLimit': { run: ({ settings }) => String(activeLimit(settings(), 'dl')) },
  'transfer/setUploadLimit': setLimit('up'),
  'transfer/setDownloadLimit': setLimit('dl'),
  'transfer/speedLimitsMode': { run: ({ settings }) => (settings().use_alt_speed_limits ? '1' : '0') },
  'transfer/toggleSpeedLimitsMode': { postOnly: true, run: (inside) => setMode(inside, !inside.settings().use_alt_speed_limits) },
  'transfer/setSpeedLimitsMode': {
    postOnly: true,
    needs: ['mode'],
    run: (inside, given) => setMode(inside, Number(given.get('mode')) !== 0),
  },
  'torrents/info': { run: ({ torrents }, given) => torrents.list(given) },
  'torrents/pause': { ...stop, versions: ['4.5.2'] },
  'torrents/resume': { ...start, versions: ['4.5.2'] },
  'torrents/stop': { ...stop, versions: from5 },
  'torrents/start': { ...start, versions: from5 },
  'torrents/setForceStart': { ...force, needs: ['hashes', 'value'] },
  'sync/maindata': {
    run: (inside, given, session) => {
      const memory = session.data.get('maindata') as SyncMemory | undefined;
      const asked = { rid: Number(given.get('rid') ?? 0), state: serverState(inside), startsOver: inside.version === '4.5.2' };
      const next = maindataAnswer(memory ?? null, asked);
      session.data.set('maindata', next.memory);
      return next.answer;
    },
  },
};

export const answerEndpoint = (
  inside: Inside,
  call: { path: string; method: string; given: Parameters; session: Session },
): Answer => {
  const named = Object.hasOwn(endpoints, call.path) ? endpoints[call.path] : undefined;
  const endpoint = named?.versions?.includes(inside.version) === false ? undefined : named;
  const knownScope = /^(app|transfer|sync|torrents|log|rss|search)\//.test(call.path);
  if (!knownScope) return { status: 404, body: 'Not Found' };
  if (call.method !== 'POST' && (endpoint?.postOnly === true || call.method !== 'GET'))
    return { status: 405, body: 'Method Not Allowed' };
  if (endpoint === undefined) return { status: 404, body: inside.version === '5.2.3' ? 'Endpoint does not exist' : 'Not Found' };
  const missing = (endpoint.needs ?? []).filter((key) => !call.given.has(key)).join(', ');
  if (missing !== '')
    return { status: 400, body: inside.version === '5.2.3' ? `Missing required parameters: ${missing}` : 'Bad Request' };
  if (call.path === 'torrents/info' && !inside.torrents.sortsBy(call.given.get('sort') ?? ''))
    return { status: 400, body: "'sort' parameter is invalid" };
  if (call.path === 'transfer/setSpeedLimitsMode' && !/^-?\d+$/.test(call.given.get('mode') ?? ''))
    return { status: 400, body: "'mode': invalid argument" };
  const result = endpoint.run(inside, call.given, call.session);
  return typeof result === 'string' ? { status: 200, body: result } : { status: 200, body: JSON.stringify(result), json: true };
};
