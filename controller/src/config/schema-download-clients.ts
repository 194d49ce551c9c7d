// The sections torrent_clients and torrents: each download client, and how they share what viewers leave.
import { z } from 'zod';
import { isGiven, named, placeKeys, refuseUseless, tlsKeys, tlsOf, type Useless } from './schema-neighbours.ts';
import { across, notBoth, type SchemaDeps, secret, secretFile, type Tell } from './schema-tools.ts';
import { duration, flag, rate, rateOr, reserve, text, weight } from './values.ts';

const SENDS_NOTHING = 'is not for type: sabnzbd, which sends nothing; torrents.limit_downloads rules its downloads';

const USELESS: Useless = {
  transmission: { api_key: 'is not for type: transmission, which knows username and password only' },
  deluge: {
    username: 'is not for type: deluge, whose web interface has a password only',
    api_key: 'is not for type: deluge, whose web interface has a password only',
  },
  sabnzbd: {
    username: 'is not for type: sabnzbd, which takes its api_key',
    password: 'is not for type: sabnzbd, which takes its api_key',
    limit_while_streaming: SENDS_NOTHING,
    limit_when_idle: SENDS_NOTHING,
  },
};

const torrentClientKeys = (deps: SchemaDeps) =>
  z.strictObject({
    ...placeKeys(),
    type: z
      .enum(['qbittorrent', 'transmission', 'deluge', 'sabnzbd'], {
        error: 'must be qbittorrent, transmission, deluge or sabnzbd',
      })
      .describe('Which product.'),
    username: text()
      .describe('User name (qBittorrent, Transmission; Deluge has none); without it no log-in is tried.')
      .optional(),
    password: secret().describe("Password; better as a file. Deluge: that of its web interface, which it can't do without."),
    password_file: secretFile(deps).describe('File with the password.'),
    api_key: secret().describe('API key: needed for SABnzbd; instead of a user for qBittorrent 5.2 and later. Better as a file.'),
    api_key_file: secretFile(deps).describe('File with that key.'),
    on_uplink: flag().describe('false: not behind this uplink, so never limited and never counted.').prefault(true),
    poll_interval: duration(1_000, 600_000).describe('How often its rates and limits are read.').prefault('2s'),
    share: weight().describe('Its part beside the other clients: one with 2 gets twice as much as one with 1.').prefault(1),
    limit_while_streaming: rateOr(['budget'], 8_192)
      .describe('Upload limit while somebody watches; not for SABnzbd. budget: what the viewers leave. A rate: always this.')
      .meta({ fallback: 'budget' })
      .optional(),
    limit_when_idle: rateOr(['original'], 8_192)
      .describe(
        'Upload limit while nobody watches; not for SABnzbd. original: what it was before Headgate. A rate: this, but never more than that.',
      )
      .meta({ fallback: 'original' })
      .optional(),
    ...tlsKeys(deps),
  });

type Loose = Readonly<Record<string, unknown>>;

/** What each product cannot do without. */
function checkLogin(client: Loose, tell: Tell): void {
  const { type, username } = client;
  const [hasPassword, hasKey] = [isGiven(client, 'password'), isGiven(client, 'api_key')];
  if (type === 'deluge' && !hasPassword)
    tell('password_file', "is missing: Deluge's web interface needs a password or password_file");
  if (type === 'sabnzbd' && !hasKey) tell('api_key_file', 'is missing: SABnzbd needs an api_key or api_key_file');
  if (type !== 'qbittorrent' && type !== 'transmission') return;
  if ((username !== undefined) !== hasPassword)
    tell(hasPassword ? 'username' : 'password_file', 'is missing: a log-in needs username and password');
  if (type === 'qbittorrent' && hasKey && hasPassword) tell('api_key_file', 'give either an API key or a password, not both');
}

const torrentClient = (deps: SchemaDeps) =>
  torrentClientKeys(deps)
    .check(
      across((client, tell) => {
        notBoth('password', 'api_key')(client, tell);
        refuseUseless(client, USELESS, tell);
        checkLogin(client, tell);
      }),
    )
    .transform((client) => ({
      name: client.name,
      type: client.type,
      url: client.url,
      username: client.username ?? null,
      password: client.password ?? client.password_file ?? null,
      apiKey: client.api_key ?? client.api_key_file ?? null,
      onUplink: client.on_uplink,
      pollMs: client.poll_interval,
      weight: client.share,
      whileStreaming: client.limit_while_streaming ?? 'budget',
      whenIdle: client.limit_when_idle ?? 'original',
      tls: tlsOf(client),
    }));

export const torrentClientsSection = (deps: SchemaDeps) =>
  named(torrentClient(deps)).describe('Download clients that give way to viewers.').prefault([]);

export const torrentsSection = () =>
  z
    .strictObject({
      share: z
        .enum(['activity', 'fixed'], { error: 'must be activity or fixed' })
        .describe(
          'How clients share. activity: busy ones by their `share`, idle ones keep a small net. fixed: by their `share` alone.',
        )
        .prefault('activity'),
      limit_downloads: z
        .enum(['never', 'streaming', 'always'], { error: 'must be never, streaming or always' })
        .describe(
          'When downloads are limited, so that the line stays quick: never, while somebody watches from outside, or always.',
        )
        .prefault('streaming'),
      download_floor: rate(8_192).describe('All clients together may always fetch this much.').prefault(1),
      download_reserve: reserve().describe('Kept free of downloads, as a part of `uplink.download` or a rate.').prefault('10%'),
      pause_below: rateOr(['off'], 8_192)
        .describe(
          'Where torrents together would be left less upload than this, they are stopped until there is more. off: never.',
        )
        .prefault('off'),
    })
    .transform((torrents) => ({
      share: torrents.share,
      limitDownloads: torrents.limit_downloads,
      downloadFloorBps: torrents.download_floor,
      downloadReserve: torrents.download_reserve,
      pauseBelowBps: torrents.pause_below === 'off' ? null : torrents.pause_below,
    }))
    .describe('What holds for all download clients together.')
    .prefault({});
