// A home whose controller plays channels, as it is shipped, out of a Jellyfin that is a process of its own.
import { setTimeout as wait } from 'node:timers/promises';
import type { SimulatorOptions } from '../demo/jellyfin/simulator-options.ts';
import { type SimulatedHome, startSimulatedHome } from '../demo/simulated-home.ts';
import { type Api, logIn } from '../test/end-to-end/fixtures/api.ts';
import type { JellyfinProcess } from './jellyfin-process.ts';

const IDLE_WITHIN_MS = 20_000;

export type TelevisionOptions = {
  readonly bundles: string;
  /** Null: the home's own, in this process, with `simulator`. */
  readonly jellyfin: JellyfinProcess | null;
  readonly simulator?: SimulatorOptions;
  readonly channels?: Readonly<Record<string, unknown>>;
  readonly controllerFlags?: readonly string[];
};

export type TelevisionHome = AsyncDisposable & {
  readonly home: SimulatedHome;
  /** After `open`. */
  api(): Api;
  /** Starts the controller, and logs in at its first start. */
  start(): Promise<void>;
  /** A channel of one library; answers with its id. */
  addChannel(library: string, fields: Readonly<Record<string, unknown>>): Promise<number>;
  urlOf(channel: number): string;
  /** No channel runs any more: who tunes in now begins a session. */
  untilIdle(): Promise<void>;
};

type Created = { readonly id: number };
type Token = { readonly urls: { readonly playlist: string } };
type Libraries = { readonly libraries: readonly { readonly id: string; readonly name: string }[] };

export async function openTelevisionHome(options: TelevisionOptions): Promise<TelevisionHome> {
  const { bundles, jellyfin, simulator = {}, channels = {}, controllerFlags = [] } = options;
  const servers =
    jellyfin === null ? {} : { media_servers: [{ name: 'main', type: 'jellyfin', url: jellyfin.url, api_key: jellyfin.apiKey }] };
  const home = await startSimulatedHome({
    ...{ withAgent: false, bundles, controllerFlags, jellyfin: simulator },
    // A list in the place of a section is taken as it is.
    config: { channels, ...(servers as Record<string, never>) },
  });
  let api: Api | null = null;
  let playlist = '';
  const known = (): Api => {
    if (api === null) throw new Error('the controller was not started yet');
    return api;
  };
  const post = async <Body>(path: string, body: unknown): Promise<Body> => {
    const answer = await known().call('POST', path, body);
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
    return answer.body as Body;
  };
  return {
    home,
    api: known,
    async start() {
      await home.start();
      if (api !== null) return;
      api = await logIn(home);
      playlist = (await post<Token>('/api/livetv/tokens', { name: 'bench' })).urls.playlist;
    },
    async addChannel(library, fields) {
      const { libraries } = await known().get<Libraries>('/api/jellyfin/libraries');
      const id = libraries.find(({ name }) => name === library)?.id;
      const chosen = [{ library_id: id, library_name: library, collection_type: 'movies' }];
      return (await post<Created>('/api/channels', { libraries: chosen, ...fields })).id;
    },
    async untilIdle() {
      for (const end = performance.now() + IDLE_WITHIN_MS; performance.now() < end; await wait(100)) {
        const { sessions } = await known().get<{ readonly sessions: readonly unknown[] }>('/api/livetv/sessions');
        if (sessions.length === 0) return;
      }
      throw new Error('channels run on although nobody watches');
    },
    urlOf: (channel) => playlist.replace('playlist.m3u', `${channel}.ts`),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}
