// What the node's YAML and environment may say. Unknown keys are errors: a misspelt key must not pass for a default.
import { brokerSection, type EnvironmentKeys, logSection, port, sectionKeys, text } from '@headgate/agent-router/agent-ground';
import { groupName, topicName } from '@headgate/protocol';
import * as z from 'zod/mini';
import { isNetwork } from './torrent/networks.ts';

const count = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most));
const giga = z.number().check(z.gte(0), z.lte(1_000_000));
const mbit = z.number().check(z.gte(0), z.lte(100_000));
const clock = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day such as 22:30'));
const mode = z.string().check(z.regex(/^0?[0-7]{3}$/, "must be three octal digits in quotes, such as '0644'"));
const publicKey = z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64'));
const host = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_.:[\]-]{1,253}$/, 'must be a host name or an address, with a port where it is not the usual one'));
const network = text.check(z.refine(isNetwork, 'must be an address or a network such as 192.168.1.0/24'));
/** Loopback, link-local, RFC 1918 and RFC 4193: what a home's own network can be. */
const PRIVATE_NETWORKS = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
];
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const url = (protocols: readonly string[]) =>
  z
    .string()
    .check(
      z.refine(
        (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol) && new URL(value).hostname !== '',
        `must be a URL with ${protocols.join(' or ')} and a host`,
      ),
    );

/** A single value where one is enough. */
const list = (inner: z.ZodMiniType<string, string>) =>
  z.pipe(
    z.union([inner, z.array(inner).check(z.maxLength(256))]),
    z.transform((value: string | string[]): readonly string[] => (Array.isArray(value) ? value : [value])),
  );

const rateRule = z.strictObject({
  /** Empty: every day. */
  days: z._default(z.array(z.enum(days)), []),
  from: z._default(clock, '00:00'),
  /** Before `from`: over midnight. */
  to: z._default(clock, '24:00'),
  up_mbit: z.optional(z.nullable(mbit)),
  down_mbit: z.optional(z.nullable(mbit)),
});

const manifests = z.strictObject({
  /** `https://host/manifest/family.json`, or `https://host` with `groups`. A token in it (`https://node:TOKEN@host/…`) is sent as a header. */
  url: list(url(['http:', 'https:'])),
  groups: z._default(list(groupName), []),
  token: z.optional(text),
  /** Of who signs; without it the first one seen is kept. */
  public_key: z.optional(publicKey),
  poll_minutes: z._default(z.number().check(z.gte(0.001), z.lte(10_080)), 60),
  attempts: z._default(count(1, 100), 5),
  ca: z.optional(z.string()),
});
const download = z.strictObject({
  parallel: z._default(count(1, 16), 2),
  /** Ranges of one file at a time. */
  connections: z._default(count(1, 16), 4),
  attempts: z._default(count(1, 100), 3),
  /** Nothing came for so long: the next source, or a later try. */
  stall_seconds: z._default(count(1, 3_600), 60),
  min_free_gb: z._default(giga, 5),
  quota_gb: z.optional(giga),
});
const select = z.strictObject({
  tags: z._default(list(text), []),
  paths: z._default(list(text), []),
  except: z._default(list(text), []),
  max_size_gb: z.optional(giga),
});
const rates = z.strictObject({
  up_mbit: z._default(z.nullable(mbit), null),
  down_mbit: z._default(z.nullable(mbit), null),
  /** The first rule that fits now stands over those two. By this machine's time zone. */
  schedule: z._default(z.array(rateRule).check(z.maxLength(100)), []),
  /** Networks of this site: no limit holds to and from them. `!10.8.0.0/24` takes one out of the others, as that of a VPN. */
  free_networks: z._default(list(network), PRIVATE_NETWORKS),
});
const files = z.strictObject({
  mode: z.optional(mode),
  folder_mode: z.optional(mode),
  owner: z.optional(z.string().check(z.regex(/^\d{1,9}:\d{1,9}$/, "must be numbers in quotes: 'UID:GID'"))),
});
const jellyfin = z.strictObject({
  url: url(['http:', 'https:']),
  key: z.optional(text),
  /** Where Jellyfin sees the library, e.g. from /srv/media to /media. */
  path_map: z._default(z.array(z.strictObject({ from: text, to: text })).check(z.maxLength(32)), []),
});
const torrent = z.strictObject({
  /** The one address that it listens on. */
  listen: z.string().check(z.regex(/^[0-9A-Fa-f.:]{2,45}$/, 'must be an address')),
  port: z._default(port, 6881),
  /** No peer for so long: the web seed. */
  patience_seconds: z._default(count(1, 3_600), 20),
  seed: z._default(z.boolean(), true),
});

const all = <Shape extends z.ZodMiniType<unknown>>(shape: Shape) => z.prefault(shape, {} as z.input<Shape>);

const configSchema = z.strictObject({
  /** This node's level in every topic. */
  id: z._default(topicName, 'node'),
  site: z._default(z.string().check(z.minLength(1), z.maxLength(64)), 'home'),
  library: text,
  /** Default: `.headgate/state` in the library. */
  state_folder: z.optional(text),
  manifests,
  download: all(download),
  select: all(select),
  rates: all(rates),
  files: all(files),
  trash: all(z.strictObject({ days: z._default(z.number().check(z.gte(0), z.lte(3_650)), 7) })),
  jellyfin: z.optional(jellyfin),
  mqtt: z.optional(brokerSection),
  /** Hosts other than that of the manifest; empty: none is ever contacted. */
  allow: all(z.strictObject({ hosts: z._default(list(host), []), trackers: z._default(list(host), []) })),
  /** Without it there is no torrent process: all comes from the web seed. */
  torrent: z.optional(torrent),
  logging: logSection,
});

export type Config = z.infer<typeof configSchema>;

const environmentKeys: EnvironmentKeys = {
  ...sectionKeys,
  id: 'text',
  site: 'text',
  library: 'text',
  state_folder: 'text',
  'manifests.url': 'list',
  'manifests.groups': 'list',
  'manifests.token': 'text',
  'manifests.token_file': 'text',
  'manifests.public_key': 'text',
  'manifests.poll_minutes': 'number',
  'manifests.attempts': 'number',
  'manifests.ca_file': 'text',
  'download.parallel': 'number',
  'download.connections': 'number',
  'download.attempts': 'number',
  'download.stall_seconds': 'number',
  'download.min_free_gb': 'number',
  'download.quota_gb': 'number',
  'select.tags': 'list',
  'select.paths': 'list',
  'select.except': 'list',
  'select.max_size_gb': 'number',
  'rates.up_mbit': 'number',
  'rates.down_mbit': 'number',
  'rates.free_networks': 'list',
  'files.mode': 'text',
  'files.folder_mode': 'text',
  'files.owner': 'text',
  'trash.days': 'number',
  'jellyfin.url': 'text',
  'jellyfin.key': 'text',
  'jellyfin.key_file': 'text',
  'allow.hosts': 'list',
  'allow.trackers': 'list',
  'torrent.listen': 'text',
  'torrent.port': 'number',
  'torrent.seed': 'boolean',
};

export const configForm = {
  schema: configSchema,
  prefix: 'HEADGATE_NODE_',
  environmentKeys,
  fileKeys: ['token', 'password', 'key', 'ca'],
};
