// What others do, written from their descriptions (facts/bandwidth.md §1.3, §1.5, facts/seeds.md §2.3): ask Plex in turns, throttle qBittorrent when somebody watches.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

export type Rival = AsyncDisposable & { readonly name: string };

export type RivalPlaces = {
  readonly plexUrl: string;
  readonly plexToken: string;
  readonly torrentsUrl: string;
  readonly torrentsPassword: string;
};

const sessions = z.object({
  MediaContainer: z.object({
    Metadata: z
      .array(
        z.object({
          Player: z.object({ state: z.string(), local: z.boolean().optional() }),
          Session: z.object({ location: z.string() }).optional(),
        }),
      )
      .optional(),
  }),
});
const STREAMING_BYTES = 512_000;
const IDLE_BYTES = 0;

/** plex-helper's later versions: one loop each second; one look is enough for either change. */
export const startPlexHelper = (places: RivalPlaces): Rival => {
  const client = createClient(places);
  return loops('plex-helper, 1 s poll', [
    [1_000, async () => client.limit((await client.someoneWatches()) ? STREAMING_BYTES : IDLE_BYTES)],
  ]);
};

/** Speedarr: one loop of 5 s looks at Plex, another of 5 s at the clients. */
export const startSpeedarr = (places: RivalPlaces): Rival => {
  const client = createClient(places);
  let watches = false;
  const look = async (): Promise<void> => {
    watches = await client.someoneWatches();
  };
  return loops('Speedarr, two loops of 5 s', [
    [5_000, look],
    [5_000, async () => client.limit(watches ? STREAMING_BYTES : IDLE_BYTES)],
  ]);
};

function createClient({ plexUrl, plexToken, torrentsUrl, torrentsPassword }: RivalPlaces) {
  let standing = IDLE_BYTES;
  let cookie: string | null = null;
  const post = async (path: string, fields: Readonly<Record<string, string>>): Promise<Response> => {
    const headers = cookie === null ? {} : { cookie };
    return await fetch(`${torrentsUrl}/api/v2/${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) });
  };
  return {
    async someoneWatches(): Promise<boolean> {
      const answer = await fetch(`${plexUrl}/status/sessions`, {
        headers: { 'x-plex-token': plexToken, accept: 'application/json' },
      });
      const { Metadata = [] } = sessions.parse(await answer.json()).MediaContainer;
      return Metadata.some(
        ({ Player, Session }) => Player.state === 'playing' && (Session?.location === 'wan' || Player.local === false),
      );
    },
    async limit(bytes: number): Promise<void> {
      if (bytes === standing) return;
      if (cookie === null) {
        const login = await post('auth/login', { username: 'admin', password: torrentsPassword });
        cookie = login.headers.get('set-cookie')?.split(';')[0] ?? null;
      }
      await post('transfer/setUploadLimit', { limit: String(bytes) });
      standing = bytes;
    },
  };
}

/** Each loop works, then waits its time, as a ticker does. */
function loops(name: string, turns: readonly (readonly [everyMs: number, turn: () => Promise<void>])[]): Rival {
  const ending = new AbortController();
  const running = turns.map(async ([everyMs, turn]) => {
    // They do not start at the same moment as whoever watches.
    await wait(Math.random() * everyMs, undefined, { signal: ending.signal }).catch(() => {});
    while (!ending.signal.aborted) {
      await turn();
      await wait(everyMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  });
  return {
    name,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await Promise.all(running);
    },
  };
}
