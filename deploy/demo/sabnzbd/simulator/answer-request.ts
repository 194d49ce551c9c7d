// One request to the simulated SABnzbd: path, parameters as CherryPy merges them, door, mode (sabnzbd/api.py).
import type { SimulatedAnswer, SimulatedRequest } from '../../qbittorrent/simulator/answer-request.ts';
import { type Door, refusalOf } from './door.ts';
import type { Downloader } from './downloader.ts';
import { intConv } from './units.ts';

export type Inside = {
  readonly door: Door;
  readonly downloader: Downloader;
  /** Changing anything by the API is refused. */
  readonly configLock: boolean;
};

type Parameters = (name: string) => string;
/** An error in its own words, or data under a keyword; null for a bare success. */
type Report = { readonly error: string } | { readonly keyword: string; readonly data: unknown } | null;

export const answerRequest = (inside: Inside, request: SimulatedRequest): SimulatedAnswer => {
  const url = new URL(request.target, 'http://simulator.invalid');
  if (url.pathname === '/') return { status: 303, body: '', cookie: null };
  // Mounted at both, whatever url_base says.
  if (!/^(\/sabnzbd)?\/api\/?$/.test(url.pathname)) return { status: 404, body: '<html></html>', cookie: null };
  const given = [...url.searchParams, ...formOf(request)];
  const parameter: Parameters = (name) => given.find(([key]) => key === name)?.[1] ?? '';
  const keys = given.filter(([key]) => key === 'apikey').map(([, value]) => value);
  const refusal = refusalOf(inside.door, request.headers['host'] ?? '', parameter('mode'), keys);
  if (refusal !== null && !refusal.asReport) return { status: 403, body: refusal.words, cookie: null };
  const told = refusal === null ? report(inside, parameter) : { error: refusal.words };
  return { ...inWords(told, parameter('output'), inside.door.version === '4.5.5'), cookie: null };
};

const formOf = ({ method, headers, body }: SimulatedRequest): URLSearchParams =>
  new URLSearchParams(
    ['POST', 'PUT'].includes(method) && /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '') ? body : '',
  );

const inWords = (told: Report, output: string, isModern: boolean): { status: number; body: string; json?: boolean } => {
  if (output !== 'json' && !isModern) {
    const text = told === null ? 'ok' : 'error' in told ? `error: ${told.error}` : String(told.data);
    return { status: 200, body: `${text}\n` };
  }
  const value =
    told === null ? { status: true } : 'error' in told ? { status: false, error: told.error } : { [told.keyword]: told.data };
  return { status: 200, body: JSON.stringify(value), json: true };
};

const notImplemented: Report = { error: 'not implemented' };

const report = ({ door, downloader, configLock }: Inside, parameter: Parameters): Report => {
  const mode = parameter('mode');
  if (mode === 'version') return { keyword: 'version', data: door.version };
  if (mode === 'queue') return { keyword: 'queue', data: queue(door, downloader, intConv(parameter('limit'))) };
  if (mode === 'pause') downloader.pause();
  else if (mode === 'resume') downloader.resume();
  else if (mode === 'get_config') return getConfig(downloader, parameter);
  else if (mode !== 'config' && mode !== 'set_config') return notImplemented;
  else if (configLock) return { error: 'Configuration locked' };
  else if (mode === 'set_config') return setConfig(downloader, parameter);
  else if (parameter('name') === 'speedlimit') downloader.limitSpeed(parameter('value') || '0');
  else if (parameter('name') === 'set_pause') downloader.pauseFor(intConv(parameter('value')));
  else return notImplemented;
  return null;
};

const queue = ({ version }: Door, downloader: Downloader, limit: number): object => {
  const speed = downloader.bytesPerSecond();
  const paused = downloader.paused();
  return {
    version,
    paused,
    pause_int: downloader.pauseLeft(),
    paused_all: false,
    ...downloader.limit(),
    have_warnings: '0',
    finishaction: null,
    have_quota: false,
    cache_art: '0',
    kbpersec: (speed / 1024).toFixed(2),
    noofslots_total: 0,
    noofslots: 0,
    start: 0,
    limit,
    finish: limit,
    status: paused ? 'Paused' : speed > 0 ? 'Downloading' : 'Idle',
    timeleft: '0:00:00',
    slots: [],
  };
};

/** One keyword of section misc; of the others only that they are not there. */
const getConfig = (downloader: Downloader, parameter: Parameters): Report => {
  const keyword = parameter('keyword');
  const value = Object.entries(downloader.settings()).find(([key]) => key === keyword)?.[1];
  const known = parameter('section') === 'misc' && value !== undefined;
  return { keyword: 'config', data: known ? { misc: { [keyword]: typeof value === 'boolean' ? Number(value) : value } } : {} };
};

const setConfig = (downloader: Downloader, parameter: Parameters): Report => {
  const [keyword, value] = [parameter('keyword'), parameter('value')];
  if (parameter('section') !== 'misc' || !['bandwidth_max', 'bandwidth_perc'].includes(keyword)) return notImplemented;
  downloader.configure(
    keyword === 'bandwidth_max' ? { bandwidth_max: value } : { bandwidth_perc: Math.min(100, Math.max(0, intConv(value))) },
  );
  return getConfig(downloader, parameter);
};
