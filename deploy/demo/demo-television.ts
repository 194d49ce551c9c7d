// Television in the demo: one channel, registered in the simulated Live TV while its films are made, and somebody on the sofa who tunes in.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Say } from './demo-script.ts';
import { scanFile } from './jellyfin/probe-media.ts';
import type { SimulatedHome } from './simulated-home.ts';
import { makeTinyFilms, TINY_FILMS } from './tiny-films.ts';

export type TelevisionFigures = {
  readonly channels: number;
  /** From the key press to the first byte, as the family member has it. Null where nobody tuned in. */
  readonly tune_in_ms: number | null;
  /** At the last boundary that was watched, less one frame. */
  readonly channel_gap_ms: number | null;
  readonly live_tv_registered: boolean;
};

export const NO_TELEVISION: TelevisionFigures = {
  channels: 0,
  tune_in_ms: null,
  channel_gap_ms: null,
  live_tv_registered: false,
};

export type DemoTelevision = {
  /** As they stand now. */
  figures(): Promise<TelevisionFigures>;
  /** Resolves when it runs, or why it does not was said. Never rejects. */
  readonly begun: Promise<void>;
};

const NAME = 'Films & more';
const WATCHER = 'cleo';
const LOOK_EACH_MS = 250;
/** Registration lets the guide's task pass before it opens a channel (10 s and a step of 5); it takes 3 s as in the real server. */
const WARMED_WITHIN_MS = 25_000;

const SKIPPED_WITHIN_MS = 10_000;

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;
type Status = {
  readonly servers: readonly {
    readonly registered: boolean;
    readonly channels: readonly { readonly seen: boolean; readonly pre_warmed: string | null }[];
  }[];
};

type Health = {
  readonly running: { readonly tune_in_ms: number | null; readonly last_gap_ms: number | null } | null;
};

/** Returns at once; ends with the home and the signal. */
export function beginTelevision(home: SimulatedHome, say: Say, signal: AbortSignal): DemoTelevision {
  let call: Call | null = null;
  let channel: number | null = null;
  let tuneInMs: number | null = null;
  const begin = async (): Promise<void> => {
    const filmed = makeFilms(home, signal);
    // Told by the await below.
    filmed.catch(() => undefined);
    call = await logIn(home);
    channel = await makeChannel(call, say);
    await call('POST', '/api/livetv/register');
    await filmed;
    await warmed(call, signal);
    say(`Jellyfin has the channel in Live TV. ${WATCHER} turns on the TV.`);
    const { firstByteMs, method } = await home.jellyfin.tuneIn({ user: WATCHER, channelName: NAME });
    tuneInMs = Math.round(firstByteMs);
    say(`${WATCHER} watches "${NAME}" by Live TV (${method}); first bytes ${tuneInMs} ms after the key press.`);
    await skip(call, channel, say);
  };
  const begun = begin().catch((error: unknown) => {
    if (!signal.aborted) say(`Television did not begin: ${error instanceof Error ? error.message : String(error)}`);
  });
  return {
    begun,
    async figures() {
      if (call === null || channel === null) return NO_TELEVISION;
      const [all, health, status] = await Promise.all([
        call('GET', '/api/channels') as Promise<readonly unknown[]>,
        call('GET', `/api/channels/${channel}/health`) as Promise<Health>,
        call('GET', '/api/livetv/status') as Promise<Status>,
      ]);
      return {
        channels: all.length,
        tune_in_ms: tuneInMs,
        channel_gap_ms: health.running?.last_gap_ms ?? null,
        live_tv_registered: status.servers.every((server) => server.registered),
      };
    },
  };
}

/** A scan that finds each film where there was only its name. How long it is, is what the schedule was told. */
async function makeFilms({ folder, jellyfin }: SimulatedHome, signal: AbortSignal): Promise<void> {
  for await (const { name, file } of makeTinyFilms(join(folder, 'films'), signal)) {
    const item = jellyfin.items.find((one) => one.name === name);
    const { source, facts } = await scanFile(file, []);
    if (item) jellyfin.changeItem(item.id, { source, facts });
  }
}

/** The same three calls that README.md shows. */
async function makeChannel(call: Call, say: Say): Promise<number> {
  const { libraries } = (await call('GET', '/api/jellyfin/libraries')) as {
    readonly libraries: readonly { readonly id: string; readonly name: string }[];
  };
  const library = libraries.find(({ name }) => name === TINY_FILMS.name);
  const { id } = (await call('POST', '/api/channels', {
    name: NAME,
    libraries: [{ library_id: library?.id, library_name: library?.name, collection_type: 'movies' }],
    rules: { films: 'by_year' },
  })) as { readonly id: number };
  const { urls } = (await call('POST', '/api/livetv/tokens', { name: 'your player' })) as {
    readonly urls: { readonly playlist: string; readonly guide: string };
  };
  say(`Television: the channel "${NAME}", made of the library "${TINY_FILMS.name}".`);
  say(`  vlc ${urls.playlist.replace('playlist.m3u', `${id}.ts`)}`);
  say(`  guide ${urls.guide}`);
  return id;
}

/** Registered, seen, and opened once beforehand, so that nobody waits for Jellyfin's first look at it. */
async function warmed(call: Call, signal: AbortSignal): Promise<void> {
  for (const end = performance.now() + WARMED_WITHIN_MS; performance.now() < end; ) {
    const { servers } = (await call('GET', '/api/livetv/status')) as Status;
    const channels = servers.flatMap((server) => (server.registered ? server.channels : []));
    if (channels.length > 0 && channels.every(({ seen, pre_warmed }) => seen && pre_warmed !== null)) return;
    await wait(LOOK_EACH_MS, undefined, { signal });
  }
}

/** So that whoever looks on for half a minute sees a boundary: the films are longer than that. Once begun it is seen through, also where the demo ends. */
async function skip(call: Call, channel: number, say: Say): Promise<void> {
  const signal = AbortSignal.timeout(SKIPPED_WITHIN_MS);
  const running = async (isThere: (now: NonNullable<Health['running']>) => boolean) => {
    for (;;) {
      const { running: now } = (await call('GET', `/api/channels/${channel}/health`)) as Health;
      if (now !== null && isThere(now)) return now;
      await wait(LOOK_EACH_MS, undefined, { signal });
    }
  };
  await running(({ tune_in_ms }) => tune_in_ms !== null);
  await call('POST', `/api/channels/${channel}/skip`, {});
  const { last_gap_ms } = await running((now) => now.last_gap_ms !== null);
  const next = (await call('GET', `/api/schedules/channel/${channel}/now`)) as { readonly title: string };
  say(`Somebody skips to "${next.title}": it follows ${Math.round(last_gap_ms ?? 0)} ms after the last frame.`);
}

async function logIn({ httpUrl, adminPassword }: SimulatedHome): Promise<Call> {
  const json = { 'content-type': 'application/json', origin: httpUrl };
  const login = await fetch(`${httpUrl}/api/login`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ password: adminPassword }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  return async (method, path, body) => {
    const answer = await fetch(`${httpUrl}${path}`, {
      method,
      headers: { ...json, cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
}
