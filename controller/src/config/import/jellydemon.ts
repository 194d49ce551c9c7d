// Pure: JellyDemon's configuration as Headgate's. What it said of the router belongs to the router agent, and is shown for its file.
import { createWritten, type Imported, type LeftOut, reasonFor, secondsWithin, shownKey, type Written } from './imported.ts';
import { type JellyDemon, KEYS, minPerUserBps } from './jellydemon-schema.ts';

const ALGORITHMS: Readonly<Record<string, string>> = {
  equal_split: 'equal',
  priority_based: 'priority',
  demand_based: 'demand',
};
/** JellyDemon took every IPv6 address for one at home. */
const HOME_IPV6 = ['::1/128', 'fe80::/10', 'fc00::/7'];

const TOO_FINE = 'what else uses the line is measured each second by the router agent, and rises count at once';
const NO_NAMES = 'log lines here hold user names; logging.level decides how much is told';
const REASONS: Readonly<Record<string, string>> = {
  'router.jellyfin_ip': 'remote streams are known from Jellyfin itself, so they are told apart from other traffic without it',
  'bandwidth.spike_duration': TOO_FINE,
  'bandwidth.low_usage_threshold': TOO_FINE,
  'bandwidth.priority_based': 'settings of single algorithms do not exist here; bandwidth.classes has the weights',
  'bandwidth.demand_based': 'settings of single algorithms do not exist here',
  'daemon.backup_user_settings': 'originals are always kept, on disk and before the first change',
  'daemon.pid_file': 'the data folder is locked instead',
  'daemon.anonymize_logs': NO_NAMES,
  'daemon.save_anonymization_map': NO_NAMES,
  'daemon.anonymization_map_file': NO_NAMES,
};

type Way = { readonly written: Written; readonly say: (key: string) => (why: string) => void };

export function importJellydemon(old: JellyDemon, written: Written): Imported {
  const leftOut: LeftOut[] = furtherKeys(old).map((key) => ({
    key: key.split('.').map(shownKey).join('.'),
    why: reasonFor(REASONS, key, 'JellyDemon'),
  }));
  const way: Way = { written, say: (key) => (why) => void leftOut.push({ key, why }) };
  sayOfMinimum(old, way);
  const lines = [
    ...serverLines(old, way),
    '',
    ...networkLines(old),
    '',
    ...bandwidthLines(old, way),
    '',
    ...loggingLines(old, way),
    ...routerLines(old, way),
  ];
  return { lines, leftOut };
}

/** What stands in the file and is not in `KEYS`, as `section.key`. */
const furtherKeys = (old: JellyDemon): readonly string[] =>
  Object.entries(old).flatMap(([section, content]) => {
    const known = Object.entries(KEYS).find(([name]) => name === section)?.[1];
    if (known === undefined || typeof content !== 'object' || content === null) return [section];
    return Object.keys(content).flatMap((key) => (Object.hasOwn(known, key) ? [] : [`${section}.${key}`]));
  });

/** What stands below `equal_split`, where it is not what counts. */
function sayOfMinimum({ bandwidth }: JellyDemon, { say }: Way): void {
  const { min_per_user_mbps: minBps, ...further } = bandwidth.equal_split ?? {};
  for (const key of Object.keys(further)) say(`bandwidth.equal_split.${shownKey(key)}`)(reasonFor({}, key, 'JellyDemon'));
  if (minBps !== undefined && (bandwidth.min_per_user !== undefined || bandwidth.algorithm !== 'equal_split'))
    say('bandwidth.equal_split')('did not count: min_per_user went before it, or the algorithm was another');
}

function serverLines({ jellyfin, daemon }: JellyDemon, { written, say }: Way): readonly string[] {
  const host = jellyfin.host.includes(':') && !jellyfin.host.startsWith('$') ? `[${jellyfin.host}]` : jellyfin.host;
  if (daemon.update_interval !== undefined && daemon.update_interval_seconds !== undefined)
    say('daemon.update_interval_seconds')('stands beside daemon.update_interval, which is taken over');
  const everyS = daemon.update_interval ?? daemon.update_interval_seconds ?? 30;
  return [
    'media_servers:',
    '  - name: main',
    '    type: jellyfin',
    `    url: ${written.text(`${jellyfin.use_https ? 'https' : 'http'}://${host}:${jellyfin.port}`)}`,
    `    api_key: ${written.secret(jellyfin.api_key, { variable: 'JELLYFIN_API_KEY', key: 'jellyfin.api_key' })}`,
    `    poll_interval: ${secondsWithin(everyS, 600, say('daemon.update_interval'))} # daemon.update_interval; beside the WebSocket a safety net only`,
  ];
}

function networkLines({ network }: JellyDemon): readonly string[] {
  const list = (ranges: readonly string[]) => ranges.map((one) => `    - ${JSON.stringify(one)}`);
  return [
    'network:',
    '  local_ranges: # network.internal_ranges',
    ...list(network.internal_ranges),
    '    # JellyDemon took every IPv6 address for one at home; these are the private ones.',
    ...list(HOME_IPV6.filter((one) => !network.internal_ranges.includes(one))),
    `  test_mode: ${network.test_mode}`,
    ...(network.test_external_ranges.length === 0 ? [] : ['  test_external_ranges:', ...list(network.test_external_ranges)]),
  ];
}

function bandwidthLines({ bandwidth, daemon }: JellyDemon, { say }: Way): readonly string[] {
  const { algorithm, total_upload_mbps: totalBps } = bandwidth;
  const known = Object.hasOwn(ALGORITHMS, algorithm);
  if (!known) say('bandwidth.algorithm')('names none that JellyDemon had, so that it took equal_split');
  if (algorithm === 'priority_based')
    say('bandwidth.algorithm')(
      'JellyDemon made administrators admin, and users with all folders premium; here `viewers` says who has which class',
    );
  return [
    'uplink:',
    totalBps === 0
      ? '  upload: auto # total_upload_mbps: 0; the router agent tells it'
      : `  upload: ${mbit(totalBps)} # total_upload_mbps`,
    `  reserve: ${mbit(bandwidth.reserved_bandwidth)} # reserved_bandwidth`,
    '',
    'bandwidth:',
    `  dry_run: ${daemon.dry_run}`,
    `  algorithm: ${ALGORITHMS[algorithm] ?? 'equal'} # ${known ? algorithm : 'JellyDemon took equal_split for a name that it did not know'}`,
    `  min_per_viewer: ${mbit(minPerUserBps(bandwidth) ?? 0)}`,
    `  max_per_viewer: ${mbit(bandwidth.max_per_user)}`,
    '  # active: only who streams is limited, as JellyDemon had it. Better is standing: Jellyfin reads a limit only when playback starts.',
    '  apply: active',
  ];
}

function loggingLines({ daemon }: JellyDemon, { written, say }: Way): readonly string[] {
  const isFatal = /^(critical|fatal)$/i.test(daemon.log_level);
  if (isFatal) say('daemon.log_level')(`${daemon.log_level} became error: there is nothing above it here`);
  const level = isFatal ? 'error' : daemon.log_level.toLowerCase().replace('warning', 'warn');
  const common = ['logging:', `  level: ${level}`];
  if (!daemon.log_file) return common;
  return [
    ...common,
    `  file: ${written.text(daemon.log_file)} # from the folder of this file; the systemd service may write below /var/log/headgate`,
    `  max_size: ${String(daemon.log_max_size).toUpperCase().replace('MB', 'MiB').replace('KB', 'KiB')} # log_max_size, which counted 1024`,
    `  backups: ${daemon.log_backup_count}`,
  ];
}

/** What goes into another file takes no secret along. */
const FOR_ANOTHER_FILE = createWritten({ withSecrets: false, knowsVariables: true });

/** For agent-router.yaml, as comments. */
function routerLines({ router }: JellyDemon, { written, say }: Way): readonly string[] {
  if (!router) return [];
  if (router.host === undefined) {
    say('router')('stands there without router.host: nothing can be made of it');
    return [];
  }
  say('router')('is asked by the router agent, from agent-router.yaml: its part stands above as comments');
  const host = router.host.includes(':') && !router.host.startsWith('$') ? `[${router.host}]` : router.host;
  const reach = router.use_ssh
    ? ['type: ssh', `host: ${written.text(router.host)}`, `port: ${router.ssh_port}`]
    : ['type: ubus', `url: ${written.text(`http://${host}:${router.luci_port}/ubus`)}`];
  const login = [
    `username: ${written.text(router.username)}`,
    `password: ${FOR_ANOTHER_FILE.secret(router.password, { variable: 'ROUTER_PASSWORD', key: 'router.password' })}`,
  ];
  return [
    '',
    '# The router is not asked by the controller but by the router agent. For agent-router.yaml (see deploy/examples/agent-router.yaml):',
    '# router:',
    ...[...reach, ...login].map((line) => `#   ${line}`),
    '# mqtt:',
    '#   url: mqtt://ADDRESS-OF-THIS-MACHINE:1883',
    '#   username: router',
    '#   password_file: /etc/headgate/mqtt-router',
    '# And in this file, so that it is let in:',
    '# mqtt:',
    '#   listen: 0.0.0.0:1883',
    '#   users: [{ name: router, password_file: /etc/headgate/mqtt-router, role: router }]',
  ];
}

const mbit = (bps: number): number => bps / 1e6;
