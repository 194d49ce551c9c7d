// `npm run demo`: the whole of Headgate in a simulated home, for as long as you watch. `-- --for 30 --report FILE` for machines.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Evening, PEOPLE, playEvening } from './demo-script.ts';
import { beginTelevision, NO_TELEVISION } from './demo-television.ts';
import { type HomeObserver, observeHome } from './home-observer.ts';
import { hasQbittorrent } from './qbittorrent/start-qbittorrent.ts';
import { type SimulatedHome, startSimulatedHome } from './simulated-home.ts';
import { hasFfmpeg, TINY_FILMS } from './tiny-films.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { for: { type: 'string' }, report: { type: 'string' }, torrents: { type: 'string' } },
  });
  const seconds = values.for === undefined ? null : Number(values.for);
  if (seconds !== null && !(seconds >= 1 && seconds <= 86_400)) throw new Error(`--for ${values.for}: seconds, 1 to 86400`);
  if (values.torrents !== undefined && values.torrents !== 'real' && values.torrents !== 'simulator')
    throw new Error(`--torrents ${values.torrents}: real or simulator`);
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  const real = values.torrents === 'real' || (values.torrents === undefined && (await hasQbittorrent()));
  const canShow = await hasFfmpeg();
  await using home = await startSimulatedHome({
    jellyfin: { users: PEOPLE, ...(canShow ? { moreLibraries: [TINY_FILMS] } : {}) },
    plex: {},
    clients: ['sabnzbd'],
    torrents: real ? 'real' : 'simulator',
  });
  const originals = await limitsOf(home);
  await home.start();
  const startMs = Math.round(performance.now());
  await using observer = await observeHome(home);
  introduce(home, { real, startMs });
  if (!canShow) say('Without television: there is no ffmpeg on this machine (apt install ffmpeg).\n');
  if (seconds !== null) setTimeout(() => stopping.abort(), seconds * 1_000).unref();
  await firstDecision(observer, stopping.signal);
  const television = canShow ? beginTelevision(home, say, stopping.signal) : null;
  const evening = await playEvening(home, observer, say, stopping.signal);
  await television?.begun;
  const onTelevision = (await television?.figures()) ?? NO_TELEVISION;
  const seen = { telemetry: observer.telemetryMessages(), entities: observer.entities() };
  say('Stopping: everybody gets back what they had.');
  await home.controller.stop();
  const after = await limitsOf(home);
  const restored = [...originals].filter(([name, bps]) => after.get(name) === bps).length;
  const report = {
    start_ms: startMs,
    ...summaryOf(evening),
    caps_applied: capsApplied(home),
    originals_restored: restored,
    originals: originals.size,
    ...{ telemetry_messages: seen.telemetry, ha_entities: seen.entities },
    ...onTelevision,
  };
  say(JSON.stringify(report, null, 2));
  if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify(report, null, 2)}\n`);
  return restored === originals.size && evening.missed === 0 ? 0 : 1;
}

function introduce(
  { httpUrl, adminPassword, mqttUrl, mqttUser, jellyfin, plex, torrents, clients }: SimulatedHome,
  { real, startMs }: { readonly real: boolean; readonly startMs: number },
): void {
  say(`A simulated home with Headgate in it runs after ${startMs} ms.`);
  say(`  API          ${httpUrl}/docs   (administrator password: ${adminPassword})`);
  say(`  MQTT         ${mqttUrl}   (user ${mqttUser.username}, password ${mqttUser.password}; try headgate/bandwidth/state)`);
  say(`  Jellyfin     ${jellyfin.url}   (simulated 12.0.0)`);
  say(`  Plex         ${plex?.url}   (simulated; nothing is changed there)`);
  say(`  qBittorrent  ${torrents.url}   (${real ? 'the real qbittorrent-nox' : 'simulated 5.2.3'})`);
  say(`  SABnzbd      ${clients.sabnzbd?.url}   (simulated)`);
  say('  Router       simulated OpenWrt over ssh, 40 Mbit/s up by SQM');
  say('Ctrl-C ends it and puts everything back.\n');
}

/** Caps stand once the router's rate is known; a demo that plays before shows nothing. */
async function firstDecision(observer: HomeObserver, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < 100 && !signal.aborted && (observer.state()?.capacity_up_bps ?? null) === null; waited += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Limits by name as Jellyfin and qBittorrent hold them. */
async function limitsOf({ jellyfin, torrents }: SimulatedHome): Promise<Map<string, number>> {
  const limits = new Map(PEOPLE.map(({ name }) => [name, jellyfin.limitOf(name)]));
  limits.set('torrents', torrents.simulator?.settings().up_limit ?? (await realLimit(torrents.url)));
  return limits;
}

/** bytes/s, asked as any user would. */
async function realLimit(url: string): Promise<number> {
  const login = await fetch(`${url}/api/v2/auth/login`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'admin', password: 'a-torrent-password' }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const answer = await fetch(`${url}/api/v2/transfer/uploadLimit`, { headers: { cookie } });
  return Number(await answer.text());
}

const capsApplied = ({ controller }: SimulatedHome): number => controller.lines().filter(({ text }) => text === 'cap set').length;

function summaryOf({ streamsStarted, latenciesMs }: Evening) {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (part: number): number | null => {
    const ms = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
    return ms === undefined ? null : Math.round(ms);
  };
  return { streams_started: streamsStarted, cap_latency_ms: { p50: at(0.5), p95: at(0.95) } };
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
