// Pure: plex-helper's configuration, of its first and later versions, as Headgate's.
import { z } from 'zod';
import { url } from '../addresses.ts';
import { whole } from '../values.ts';
import { type Imported, type LeftOut, reasonFor, secondsWithin, shownKey, type Written } from './imported.ts';

const KIB_BITS = 8 * 1024;
const MOST_KBPS = 1e12 / KIB_BITS;
const A_DAY_S = 86_400;

const kbps = () => whole(0, Math.floor(MOST_KBPS)).optional();
/** Zero and less than zero are its defaults, as it has it itself. */
const count = () => z.int('must be a whole number').max(A_DAY_S, `must be at most ${A_DAY_S}`).optional();
const text = () => z.string({ error: 'must be text (put it in quotes)' }).optional();

const KEYS = {
  plex_url: url('http', 'https'),
  plex_token: text(),
  qbittorrent_url: url('http', 'https'),
  qbittorrent_username: text(),
  qbittorrent_password: text(),
  idle_upload_kbps: kbps(),
  streaming_upload_kbps: kbps(),
  poll_interval_sec: count(),
  streaming_threshold: count(),
  idle_threshold: count(),
};

const NO_BOT = 'Headgate has no Telegram bot: its events and switches are on MQTT, in Home Assistant and in the REST API';
const NO_COOLDOWN = 'limits do not flap here: they fall at once, and rise after bandwidth.restore_after only';
const REASONS: Readonly<Record<string, string>> = {
  telegram_bot_token: NO_BOT,
  telegram_chat_id: NO_BOT,
  health_port: '/healthz and /readyz answer on the port of http.listen',
  cooldown_max_transitions: NO_COOLDOWN,
  cooldown_window_minutes: NO_COOLDOWN,
  cooldown_state_path: NO_COOLDOWN,
};

export const plexHelperSchema = z.looseObject(KEYS);
type PlexHelper = z.output<typeof plexHelperSchema>;

export function importPlexHelper(old: PlexHelper, written: Written): Imported {
  const further = Object.keys(old).filter((key) => !Object.hasOwn(KEYS, key));
  // Its example has the keys of its bot and its port with nothing in them.
  const used = further.filter((key) => !Object.hasOwn(REASONS, key) || ![null, '', 0].some((none) => none === old[key]));
  const leftOut: LeftOut[] = used.map((key) => ({ key: shownKey(key), why: reasonFor(REASONS, key, 'plex-helper') }));
  const say = (key: string) => (why: string) => void leftOut.push({ key, why });
  // Later versions heard of plays by webhook, and polled each 60 s instead of 10 s.
  const intervalS = positive(old.poll_interval_sec) ?? (further.some((key) => Object.hasOwn(REASONS, key)) ? 60 : 10);
  const [streaming, idle] = [positive(old.streaming_threshold) ?? 2, positive(old.idle_threshold) ?? 3];
  const atOnce = further.find((key) => key === 'health_port' || key.startsWith('cooldown_'));
  if (atOnce !== undefined)
    say('streaming_threshold')(`plex-helper with ${atOnce} throttled at once, whatever stood here: throttle_after is 0s`);
  if (positive(old.streaming_upload_kbps) === undefined)
    say('uplink.upload')('is a key that plex-helper had not: nothing is shared until the line is known, so write its rate');
  return {
    lines: [
      '# What the line can send, e.g. upload: 40 (Mbit/s). auto: a router agent tells it. Until it is known, only typed limits hold.',
      'uplink:',
      '  upload: auto',
      '',
      'media_servers:',
      '  - name: plex',
      '    type: plex',
      `    url: ${written.text(old.plex_url)}`,
      `    api_key: ${written.secret(old.plex_token, { variable: 'PLEX_TOKEN', key: 'plex_token' })}`,
      `    poll_interval: ${secondsWithin(intervalS, 600, say('poll_interval_sec'))} # poll_interval_sec; beside the WebSocket a safety net only`,
      '    pause_grace: 0s # plex-helper did not count paused streams; 60s would keep their part for them',
      '',
      ...clientLines(old, { written, say }),
      '',
      'torrents:',
      '  limit_downloads: never # plex-helper limited uploads only',
      '',
      'bandwidth:',
      atOnce === undefined
        ? `  throttle_after: ${secondsWithin(streaming * intervalS, 3_600, say('streaming_threshold'))} # streaming_threshold ${streaming} × ${intervalS} s`
        : '  throttle_after: 0s',
      `  restore_after: ${secondsWithin(idle * intervalS, A_DAY_S, say('idle_threshold'))} # idle_threshold ${idle} × ${intervalS} s`,
    ],
    leftOut,
  };
}

type Way = { readonly written: Written; readonly say: (key: string) => (why: string) => void };

function clientLines(old: PlexHelper, { written, say }: Way): readonly string[] {
  const { qbittorrent_username: username = '', qbittorrent_password: password = '' } = old;
  const [streaming, idle] = [positive(old.streaming_upload_kbps), positive(old.idle_upload_kbps)];
  if (username === '' && password !== '') say('qbittorrent_password')('there is no qbittorrent_username, so no log-in was tried');
  if (streaming === undefined)
    say('streaming_upload_kbps')('was not set, so that streaming lifted the limit; here torrents get what the viewers leave');
  if (idle !== undefined)
    say('idle_upload_kbps')('is taken over, but never goes above the limit that qBittorrent itself had before Headgate');
  const login = { variable: 'QBITTORRENT_PASSWORD', key: 'qbittorrent_password' };
  return [
    'torrent_clients:',
    '  - name: qbittorrent',
    '    type: qbittorrent',
    `    url: ${written.text(old.qbittorrent_url)}`,
    ...(username === '' ? [] : [`    username: ${written.text(username)}`, `    password: ${written.secret(password, login)}`]),
    streaming === undefined
      ? '    limit_while_streaming: budget # streaming_upload_kbps was not set'
      : `    limit_while_streaming: ${streaming} KiB/s # streaming_upload_kbps, which counted 1024 bytes`,
    idle === undefined
      ? '    limit_when_idle: original # idle_upload_kbps: 0; what qBittorrent has of its own'
      : `    limit_when_idle: ${idle} KiB/s # idle_upload_kbps, which counted 1024 bytes`,
  ];
}

const positive = (value: number | undefined): number | undefined => (value !== undefined && value > 0 ? value : undefined);
