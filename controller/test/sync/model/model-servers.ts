// Simulated Jellyfins of several versions with one small library, and people who do things there by their own clients or by somebody's key.
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { LibrarySeed } from '../../../../deploy/demo/jellyfin/library-seeds.ts';
import { withOurs } from '../../../src/jellyfin/sync/webhook-option.ts';
import type { WatchState } from '../../../src/neighbours/watch-state.ts';

export const PEOPLE = ['anna', 'ben'] as const;
const FILMS = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon', 'Zeta', 'Eta', 'Theta'] as const;
const EPISODES = ['One', 'Two', 'Three'] as const;
const SERIES = 'Serial';
/** What is played, by its name. */
export const PLAYED: readonly string[] = [...FILMS, ...EPISODES];
/** What can be a favourite and be rated. */
export const LIKED: readonly string[] = [...PLAYED, SERIES];
export const RUNTIME_MS = 5_400_000;

/** In a folder of each server's own, so that ids differ; known by ids of TMDB and TVDB. */
const libraryOf = (server: string): LibrarySeed => ({
  name: `Library of ${server}`,
  films: FILMS.map((name, n) => ({ name, runtimeMs: RUNTIME_MS, providerIds: { Tmdb: String(1_000 + n) } })),
  series: [
    {
      name: SERIES,
      providerIds: { Tvdb: '77' },
      seasons: [{ number: 1, episodes: EPISODES.map((name, n) => ({ name, number: n + 1, runtimeMs: RUNTIME_MS })) }],
    },
  ],
});

export type ModelServer = AsyncDisposable & {
  readonly name: string;
  readonly version: string;
  readonly sim: JellyfinSimulator;
  isOn(): boolean;
  turn(on: boolean): Promise<void>;
  /** Milliseconds that its clock is ahead by now. */
  skewMs(): number;
  setSkew(ms: number): void;
  userId(person: string): string;
  itemId(item: string): string;
  seasonId(): string;
  /** As it is stored. */
  state(person: string, item: string): WatchState;
  /** Null: no such person or item. */
  stateById(userId: string, itemId: string): WatchState | null;
  /** Whether this person plays that there, by ids. */
  isPlaying(userId: string, itemId: string): boolean;
  /** By a person's own client, or by a key. False: it was not done, or nobody knows. */
  ask(person: string, by: 'user' | 'key', request: Request): Promise<boolean>;
};

export type Request = { readonly method: 'POST' | 'DELETE'; readonly path: string; readonly body?: unknown };

export async function startModelServer(options: {
  readonly name: string;
  readonly version: string;
  readonly hookUrl: string;
}): Promise<ModelServer> {
  const { name, version, hookUrl } = options;
  const sim = await startJellyfinSimulator({
    ...{ version, serverName: name, library: [libraryOf(name)], restartMs: 20, webhookTickMs: 0 },
    users: PEOPLE.map((person) => ({ name: person })),
  });
  const header = { name: 'X-Model', value: name };
  sim.webhooks.configure(withOurs({}, 'model', { url: hookUrl, header }) ?? {});
  const tokens = new Map<string, string>();
  for (const person of PEOPLE) tokens.set(person, await logIn(sim, person));
  const ids = new Map(sim.items.map((item) => [item.name, item.id]));
  const season = sim.items.find(({ type }) => type === 'Season');
  let [isOn, skewMs] = [true, 0];
  const idOf = (item: string): string => ids.get(item) ?? '';
  return {
    ...{ name, version, sim },
    isOn: () => isOn,
    async turn(on) {
      if (on === isOn) return;
      isOn = on;
      await (on ? sim.powerOn() : sim.powerOff());
    },
    skewMs: () => skewMs,
    setSkew(ms) {
      skewMs = ms;
      sim.setClockSkew(ms);
    },
    userId: (person) => sim.users.byName(person)?.id ?? '',
    itemId: idOf,
    seasonId: () => season?.id ?? '',
    state: (person, item) => stateOf(sim.watched(person, idOf(item))),
    stateById(userId, itemId) {
      const person = sim.users.byId(userId)?.name;
      return person === undefined ? null : stateOf(sim.watched(person, itemId));
    },
    isPlaying: (userId, itemId) =>
      isOn &&
      sim.sessions().some((session) => {
        const playing = session['NowPlayingItem'] as { readonly Id?: string } | undefined;
        return session['UserId'] === userId && playing?.Id === itemId;
      }),
    async ask(person, by, { method, path, body }) {
      const token = by === 'user' ? (tokens.get(person) ?? '') : sim.apiKey;
      const headers = { authorization: authorization(`${by}-${person}`, token), 'content-type': 'application/json' };
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${sim.url}${path}`, { method, headers, ...text }).catch(() => null);
      await answer?.arrayBuffer().catch(() => null);
      if (answer !== null && answer.status >= 400 && answer.status !== 503)
        throw new Error(`${name} ${version}: ${method} ${path} is ${answer.status}`);
      return answer !== null && answer.status < 300;
    },
    [Symbol.asyncDispose]: () => sim[Symbol.asyncDispose](),
  };
}

const authorization = (device: string, token: string): string =>
  `MediaBrowser ${token === '' ? '' : `Token="${token}", `}Client="Model", Device="${device}", DeviceId="${device}", Version="1"`;

async function logIn(sim: JellyfinSimulator, person: string): Promise<string> {
  const headers = { authorization: authorization(`user-${person}`, ''), 'content-type': 'application/json' };
  const body = JSON.stringify({ Username: person, Pw: `${person}pw` });
  const answer = await fetch(`${sim.url}/Users/AuthenticateByName`, { method: 'POST', headers, body });
  return ((await answer.json()) as { AccessToken: string }).AccessToken;
}

function stateOf(watched: ReturnType<JellyfinSimulator['watched']>): WatchState {
  const { played, playCount, positionTicks, favourite, rating, lastPlayed } = watched;
  const lastPlayedMs = lastPlayed === null ? null : Date.parse(lastPlayed);
  return { played, playCount, positionMs: Math.floor(positionTicks / 10_000), favourite, rating, lastPlayedMs };
}
