// A receiver of hooks: keeps what comes, and answers as a test wants it to. And the library that the recorded server had.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LibrarySeed } from '../../../demo/jellyfin/library-seeds.ts';
import { until } from './authorized-fetch.ts';

export type Hook = {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
};

export type Receiver = AsyncDisposable & {
  readonly url: string;
  readonly hooks: Hook[];
  /** 0: no answer at all. */
  answer(status: number): void;
  /** Takes away what came so far. */
  take(): Hook[];
  /** Waits for as many, and takes them. */
  next(count: number): Promise<Hook[]>;
};

export async function openReceiver(): Promise<Receiver> {
  const hooks: Hook[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const json: unknown = text.startsWith('{"Server') ? JSON.parse(text) : {};
      hooks.push({ headers: request.headers, text, body: json as Record<string, unknown> });
      if (status > 0) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const take = () => hooks.splice(0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    hooks,
    answer(given) {
      status = given;
    },
    take,
    async next(count) {
      await until(`${count} hooks`, () => hooks.length >= count);
      return take();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Everything on, all properties. */
export const destination = (url: string, types: readonly string[], more: Readonly<Record<string, unknown>> = {}) => ({
  NotificationTypes: types,
  WebhookName: 'test',
  WebhookUri: url,
  EnableMovies: true,
  EnableEpisodes: true,
  EnableSeries: true,
  EnableSeasons: true,
  EnableAlbums: true,
  EnableSongs: true,
  EnableVideos: true,
  SendAllProperties: true,
  EnableWebhook: true,
  Headers: [{ Key: 'X-Test-Secret', Value: 's3cr3t' }],
  Fields: [{ Key: 'HookField', Value: 'field-value' }],
  ...more,
});

export const everyType =
  'ItemAdded ItemDeleted PlaybackStart PlaybackProgress PlaybackStop AuthenticationFailure AuthenticationSuccess SessionStart UserCreated UserDeleted UserUpdated UserDataSaved'.split(
    ' ',
  );

const episode = (number: number) => ({
  name: `Episode ${number} title`,
  overview: `Plot ${number}`,
  runtimeMs: 20_023,
  premiereMs: Date.UTC(2019, 0, number),
  providerIds: { Tmdb: `777${number}` },
});

export const recordedLibrary: readonly LibrarySeed[] = [
  {
    name: 'Films',
    films: [
      { name: 'Long Film', year: 2020, runtimeMs: 900_000, providerIds: { Tmdb: '5555' } },
      {
        name: 'Big Test Movie',
        year: 2020,
        runtimeMs: 60_000,
        overview: 'A test movie.',
        genres: ['Drama'],
        providerIds: { Tmdb: '1234', Imdb: 'tt0001234' },
      },
      { name: 'Small Movie', year: 2021, runtimeMs: 30_023, providerIds: { Tmdb: '4321' } },
      {
        name: 'Two Files',
        year: 2020,
        runtimeMs: 60_000,
        overview: 'A test movie.',
        genres: ['Drama'],
        providerIds: { Tmdb: '1235', Imdb: 'tt0001235' },
        versions: ['4K'],
      },
    ],
  },
  {
    name: 'Shows',
    series: [
      {
        name: 'Test Show',
        year: 2019,
        overview: 'A test show.',
        providerIds: { Tmdb: '777' },
        seasons: [{ number: 1, episodes: [1, 2, 3].map(episode) }],
      },
    ],
  },
];

export const quotedFilm: LibrarySeed = {
  name: 'Films',
  films: [
    {
      name: 'Say "Hällo" – Ünïcode ☃ 日本 <b> & \'x\' \\ back',
      year: 2022,
      runtimeMs: 30_023,
      overview: 'A "quoted" plot\nwith a second line',
      tagline: '"Tag"',
      genres: ['Drama "x"'],
      providerIds: { Tmdb: '9999' },
    },
  ],
};

export const filmWithoutIds: LibrarySeed = { name: 'Films', films: [{ name: 'Home Video', year: 2023, runtimeMs: 30_023 }] };
