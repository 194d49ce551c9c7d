// The whole configuration as one strict schema, with defaults beside each key, and the type that the program sees: internal units, camelCase.
import { z } from 'zod';
import { across, type SchemaDeps } from './schema-tools.ts';
import {
  authSection,
  bandwidthSection,
  channelsSection,
  databaseSection,
  dataCapSection,
  distributionSection,
  homeAssistantSection,
  homeSection,
  httpSection,
  loggingSection,
  mediaServersSection,
  mqttSection,
  networkSection,
  notificationsSection,
  rehearsalSection,
  shaperSection,
  syncSection,
  torrentClientsSection,
  torrentsSection,
  uplinkSection,
  viewersSection,
} from './sections.ts';
import { syncedServers, syncFits } from './synced-servers.ts';

type Loose = Readonly<Record<string, unknown>>;
const asLoose = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});

/** Each viewer's class, and the shadow's, is one of the classes; checked across sections. */
const classesExist = across((config, tell) => {
  // A section that passed is transformed already, so its names are the inner ones; its defaults stand.
  const { bandwidth, viewers, rehearsal } = config;
  const { classes: known } = asLoose(bandwidth);
  const classes = Object.keys(asLoose(known));
  if (classes.length === 0) return;
  const { defaultClass } = asLoose(asLoose(rehearsal)['shadow']);
  if (typeof defaultClass === 'string' && !classes.includes(defaultClass))
    tell(['rehearsal', 'shadow', 'default_class'], `"${defaultClass}" is not one of bandwidth.classes (${classes.join(', ')})`);
  for (const [name, viewer] of Object.entries(asLoose(viewers))) {
    const { class: wanted } = asLoose(viewer);
    if (typeof wanted === 'string' && !classes.includes(wanted))
      tell(['viewers', name, 'class'], `"${wanted}" is not one of bandwidth.classes (${classes.join(', ')})`);
  }
});

/** As `uplink.reserve`, which stands beside its rate. */
const downloadsFit = across((config, tell) => {
  const { downloadBps } = asLoose(config['uplink']);
  const { bps } = asLoose(asLoose(config['torrents'])['downloadReserve']);
  if (typeof downloadBps === 'number' && typeof bps === 'number' && bps >= downloadBps)
    tell(['torrents', 'download_reserve'], 'must be less than uplink.download');
});

/** Switched on without a single rate it would do nothing, and look as if it did. */
const shaperHasPlan = across((config, tell) => {
  const { enabled, uploadBps, downloadBps } = asLoose(config['shaper']);
  if (enabled !== true || typeof uploadBps === 'number' || typeof downloadBps === 'number') return;
  const { schedule } = asLoose(config['bandwidth']);
  const rules = (Array.isArray(schedule) ? schedule : []).map(asLoose);
  if (!rules.some(({ shaperUpBps, shaperDownBps }) => typeof shaperUpBps === 'number' || typeof shaperDownBps === 'number'))
    tell(['shaper', 'enabled'], 'is on, but neither upload, download nor a rule of bandwidth.schedule names a rate');
});

/** A map for a server that is not there maps nothing. */
const mappedServersExist = across((config, tell) => {
  const servers = config['media_servers'];
  const names = (Array.isArray(servers) ? servers : []).map((server) => asLoose(server)['name']);
  const { pathMaps } = asLoose(config['channels']);
  for (const [index, map] of (Array.isArray(pathMaps) ? pathMaps : []).entries()) {
    const { server } = asLoose(map);
    if (typeof server === 'string' && !names.includes(server))
      tell(['channels', 'path_maps', index, 'server'], `"${server}" is not one of media_servers`);
  }
});

/** Its limits would be taken for those of the other. */
const seedingIsAlone = across((config, tell) => {
  if (asLoose(config['distribution'])['enabled'] !== true) return;
  const clients = config['torrent_clients'];
  for (const [index, client] of (Array.isArray(clients) ? clients : []).entries())
    if (asLoose(client)['name'] === 'distribution')
      tell(['torrent_clients', index, 'name'], '"distribution" is what Headgate\'s own seeding is called');
});

/** The schema of controller.yaml. Parse with `safeParseAsync`: files named in it are read on the way. */
export const configSchema = (deps: SchemaDeps) =>
  z
    .strictObject({
      home: homeSection(),
      http: httpSection(),
      auth: authSection(deps),
      database: databaseSection(deps),
      mqtt: mqttSection(deps),
      home_assistant: homeAssistantSection(),
      network: networkSection(),
      uplink: uplinkSection(),
      shaper: shaperSection(),
      data_cap: dataCapSection(),
      media_servers: mediaServersSection(deps),
      torrent_clients: torrentClientsSection(deps),
      torrents: torrentsSection(),
      bandwidth: bandwidthSection(deps),
      viewers: viewersSection(),
      rehearsal: rehearsalSection(deps),
      channels: channelsSection(deps),
      sync: syncSection(deps),
      distribution: distributionSection(deps),
      notifications: notificationsSection(deps),
      logging: loggingSection(deps),
    })
    .check(classesExist, downloadsFit, shaperHasPlan, mappedServersExist, syncFits, seedingIsAlone)
    .transform((config) => ({
      home: config.home,
      http: config.http,
      auth: config.auth,
      database: config.database,
      mqtt: config.mqtt,
      homeAssistant: config.home_assistant,
      network: config.network,
      uplink: config.uplink,
      shaper: config.shaper,
      dataCap: config.data_cap,
      mediaServers: config.media_servers,
      torrentClients: config.torrent_clients,
      torrents: config.torrents,
      bandwidth: config.bandwidth,
      viewers: config.viewers,
      rehearsal: config.rehearsal,
      channels: config.channels,
      sync: { ...config.sync, servers: syncedServers(config.sync.servers, config.media_servers) },
      distribution: config.distribution,
      notifications: config.notifications,
      logging: config.logging,
    }));

type Frozen<T> = T extends (...args: never[]) => unknown ? T : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** What the file said, before the loader adds where it came from. */
export type ConfigValues = z.output<ReturnType<typeof configSchema>>;

/** The configuration as the program sees it: checked, deep-frozen; rates in bit/s (`…Bps`), times in ms (`…Ms`), secrets closed in. */
export type Config = Frozen<
  Omit<ConfigValues, 'database'> & {
    database: Omit<ConfigValues['database'], 'path'> & {
      /** Absolute data folder. */
      path: string;
    };
    source: {
      /** The file that was read, absolute; null where defaults stand. */
      path: string | null;
      /** Sentences for the log at start: files that others can read, what to do next. */
      warnings: string[];
      /** What else the log is to say at start: what the environment gave. */
      notes: string[];
      /** Every secret value, for the log's mask. */
      secrets: { reveal: () => string; toJSON: () => string }[];
    };
  }
>;
