// Sections about what stands around Headgate: network, uplink, media servers, torrent clients.
import { z } from 'zod';
import { fingerprint, range, url } from './addresses.ts';
import { across, notBoth, pemFile, type SchemaDeps, secret, secretFile, unique } from './schema-tools.ts';
import { duration, flag, plainName, type Reserve, rateOr, reserve, text } from './values.ts';

/** Loopback, link-local, RFC 1918 and RFC 4193: what a home's own network can be. */
const PRIVATE_RANGES = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
];

export const networkSection = () =>
  z
    .strictObject({
      local_ranges: z.array(range()).describe('Addresses at home: their viewers do not use the uplink.').prefault(PRIVATE_RANGES),
      vpn_ranges: z.array(range()).describe('Addresses of your VPN: private, but their viewers use the uplink.').prefault([]),
      test_mode: flag().describe('Only `test_external_ranges` count as outside, to try Headgate from the sofa.').prefault(false),
      test_external_ranges: z.array(range()).describe('Ranges that count as outside in test mode.').prefault([]),
    })
    .check(
      across((network, tell) => {
        const { test_external_ranges: ranges, test_mode } = network;
        if (test_mode === true && (ranges === undefined || (Array.isArray(ranges) && ranges.length === 0)))
          tell('test_external_ranges', 'is missing: with test_mode nobody would count as outside');
      }),
    )
    .transform((network) => ({
      localRanges: network.local_ranges,
      vpnRanges: network.vpn_ranges,
      testMode: network.test_mode,
      testExternalRanges: network.test_external_ranges,
    }))
    .prefault({});

const isFixed = (value: unknown): value is Extract<Reserve, { kind: 'fixed' }> =>
  typeof value === 'object' && value !== null && 'bps' in value && typeof value.bps === 'number';

export const uplinkSection = () =>
  z
    .strictObject({
      upload: rateOr(['auto'])
        .describe("What the line can send. auto: the rate of the router's shaper, followed as it changes.")
        .prefault('auto'),
      download: rateOr(['auto']).describe('What the line can receive.').prefault('auto'),
      reserve: reserve().describe('Kept free of viewers and torrents, as a part of `upload` or a rate.').prefault('10%'),
      router: plainName().describe('Id of the router that counts; without it, the one that speaks.').optional(),
      wan: plainName().describe('Name of the WAN that counts; without it, the primary one.').optional(),
    })
    .check(
      across((uplink, tell) => {
        const { upload, reserve: kept } = uplink;
        if (typeof upload === 'number' && isFixed(kept) && kept.bps >= upload) tell('reserve', 'must be less than upload');
      }),
    )
    .transform((uplink) => ({
      uploadBps: uplink.upload === 'auto' ? null : uplink.upload,
      downloadBps: uplink.download === 'auto' ? null : uplink.download,
      reserve: uplink.reserve,
      router: uplink.router ?? null,
      wan: uplink.wan ?? null,
    }))
    .prefault({});

const tlsKeys = (deps: SchemaDeps) => ({
  certificate_sha256: fingerprint()
    .describe('Pins the certificate, for a self-signed one: nothing else about it is checked.')
    .optional(),
  ca_file: pemFile(deps).describe('Certificate authority that signed it, PEM.'),
  verify_tls: flag().describe('false takes any certificate: anyone in between can then read the key.').prefault(true),
});

type TlsInput = { certificate_sha256?: string | undefined; ca_file?: string | undefined; verify_tls: boolean };

const tlsOf = (section: TlsInput) => ({
  certificateSha256: section.certificate_sha256 ?? null,
  ca: section.ca_file ?? null,
  verify: section.verify_tls,
});

type Keyed = { readonly api_key?: unknown; readonly api_key_file?: unknown };
const apiKeyNeeded = (section: Keyed): boolean => section.api_key === undefined && section.api_key_file === undefined;

const mediaServer = (deps: SchemaDeps) =>
  z
    .strictObject({
      name: plainName().describe('What it is called here; part of viewer names.'),
      type: z.enum(['jellyfin'], { error: 'must be jellyfin, which this version speaks to' }).describe('Which product.'),
      url: url('http', 'https').describe('Where it is, with its base path if it has one.'),
      api_key: secret().describe('Its API key (Plex: token); better as a file.'),
      api_key_file: secretFile(deps).describe('File with that key.'),
      on_uplink: flag().describe('false: not behind this uplink, so never capped and never counted.').prefault(true),
      poll_interval: duration(1_000, 600_000)
        .describe('How often sessions are asked for; with the socket up this is only the safety net.')
        .prefault('60s'),
      socket: flag().describe('Hear of sessions by WebSocket. false: by `poll_interval` alone.').prefault(true),
      ...tlsKeys(deps),
    })
    .check(
      across((server, tell) => {
        notBoth('api_key')(server, tell);
        if (apiKeyNeeded(server)) tell('api_key_file', 'is missing: a media server needs an api_key or api_key_file');
      }),
    )
    .transform((server) => ({
      name: server.name,
      type: server.type,
      url: server.url,
      apiKey: (server.api_key ?? server.api_key_file) as NonNullable<typeof server.api_key>, // checked above
      onUplink: server.on_uplink,
      pollMs: server.poll_interval,
      socket: server.socket,
      tls: tlsOf(server),
    }));

const torrentClientKeys = (deps: SchemaDeps) =>
  z.strictObject({
    name: plainName().describe('What it is called here.'),
    type: z.enum(['qbittorrent'], { error: 'must be qbittorrent, which this version speaks to' }).describe('Which product.'),
    url: url('http', 'https').describe('Where its web interface is, with its base path if it has one.'),
    username: text().describe('User name; without it no log-in is tried.').optional(),
    password: secret().describe('Password; better as a file.'),
    password_file: secretFile(deps).describe('File with the password.'),
    api_key: secret().describe('API key instead of a user (qBittorrent 5.2 and later); better as a file.'),
    api_key_file: secretFile(deps).describe('File with that key.'),
    on_uplink: flag().describe('false: not behind this uplink, so never limited and never counted.').prefault(true),
    poll_interval: duration(1_000, 600_000).describe('How often its rates and limits are read.').prefault('2s'),
    limit_while_streaming: rateOr(['budget'], 8_192)
      .describe('Upload limit while somebody watches. budget: what the viewers leave. A rate: always this.')
      .prefault('budget'),
    limit_when_idle: rateOr(['original'], 8_192)
      .describe(
        'Upload limit while nobody watches. original: what it was before Headgate. A rate: this, but never more than that.',
      )
      .prefault('original'),
    ...tlsKeys(deps),
  });

const torrentClient = (deps: SchemaDeps) =>
  torrentClientKeys(deps)
    .check(
      across((client, tell) => {
        notBoth('password', 'api_key')(client, tell);
        const { username, password: own, password_file } = client;
        const password = own ?? password_file;
        if ((username === undefined) !== (password === undefined))
          tell(password === undefined ? 'password_file' : 'username', 'is missing: a log-in needs username and password');
        if (!apiKeyNeeded(client) && password !== undefined)
          tell('api_key_file', 'give either an API key or a password, not both');
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
      whileStreaming: client.limit_while_streaming,
      whenIdle: client.limit_when_idle,
      tls: tlsOf(client),
    }));

/** A list of named things, none of which may share its name with another. */
const named = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .superRefine(
      (list, context) => unique(list, (index, message) => context.addIssue({ code: 'custom', path: [index, 'name'], message })),
      {
        when: () => true,
      },
    );

export const mediaServersSection = (deps: SchemaDeps) =>
  named(mediaServer(deps)).describe('Jellyfin and Plex servers.').prefault([]);

export const torrentClientsSection = (deps: SchemaDeps) =>
  named(torrentClient(deps)).describe('Torrent clients that give way to viewers.').prefault([]);
