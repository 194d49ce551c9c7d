// The section distribution: what the family's boxes may have of this machine, who may read it, and where the seeder listens.
import { isIP } from 'node:net';
import { z } from 'zod';
import { type Listen, listen, range } from './addresses.ts';
import { path, type SchemaDeps } from './schema-tools.ts';
import { flag, rate, text, whole } from './values.ts';

/** As topics and file names have it (protocol's `topicName`). */
const name = (kind: string) =>
  text(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'must be letters, digits, "_", "-" and "." only, a letter or digit first')
    .meta({ kind });

/** The seeder tells its peers where it is: that is one address, and nobody is to be reached by surprise. */
const isOne = ({ host, port }: Listen): boolean => isIP(host) !== 0 && host !== '0.0.0.0' && !/^[0:]+$/.test(host) && port > 0;

const distributionKeys = (deps: SchemaDeps) =>
  z.strictObject({
    enabled: flag().describe('true: groups of files are served to nodes, and seeded.').prefault(false),
    roots: z
      .array(
        text(4_096)
          .refine((one) => one.startsWith('/'), 'must begin with /')
          .meta({ kind: 'absolute path' }),
      )
      .max(100, 'must be at most 100 folders')
      .describe('Folders whose content may be shared; nothing outside of them ever is.')
      .prefault([]),
    groups: z
      .array(name('name'))
      .max(1_000, 'must be at most 1000 names')
      .describe('The only groups that there may be. Without this key, any.')
      .optional(),
    default_group: name('name').describe('Where a file goes for which no group was asked.').prefault('family'),
    site: name('name')
      .describe('What this place is called. Bytes to nodes of another site are the uplink’s, those to its own are free.')
      .prefault('home'),
    lan_networks: z
      .array(range())
      .describe('Who may read manifests, torrents and files without a token, by an address, a local name or http.public_url.')
      .prefault([]),
    public_address: text(64)
      .refine((one) => isIP(one) !== 0, 'must be an IP address')
      .describe(
        'What nodes of other sites reach the torrent ports of this site at. Without it they are told of no peer here, and take the web seed.',
      )
      .meta({ kind: 'IP address' })
      .optional(),
    seeder_listen: listen()
      .refine(isOne, 'must be one IP address of this machine and a port, such as 192.168.1.5:6881')
      .describe('Where the seeder listens for peers: one address.')
      .prefault('127.0.0.1:6881'),
    max_upload: rate(8_192)
      .describe('What this site may send to others at most, its nodes included. Without it: as the line and its viewers allow.')
      .optional(),
    wait_seed_timeout_s: whole(1, 86_400).describe('How long POST /seed?wait=1 waits for the magnet, in seconds.').prefault(300),
    manifest_dir: path(deps)
      .describe('Folder of manifests (`GROUP.json`) of a former manifest server: read once, for groups that are not known yet.')
      .optional(),
  });

export const distributionSection = (deps: SchemaDeps) =>
  distributionKeys(deps)
    .transform((one) => ({
      enabled: one.enabled,
      roots: one.roots,
      groups: one.groups ?? null,
      defaultGroup: one.default_group,
      site: one.site,
      lanNetworks: one.lan_networks,
      publicAddress: one.public_address ?? null,
      seederListen: one.seeder_listen,
      maxUploadBps: one.max_upload ?? null,
      waitSeedMs: one.wait_seed_timeout_s * 1_000,
      manifestDir: one.manifest_dir ?? null,
    }))
    .describe('Distribution: what the family shares arrives on every box, by WebTorrent and HTTP.')
    .prefault({});
