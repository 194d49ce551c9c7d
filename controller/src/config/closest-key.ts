// Pure: guesses which key was meant, for a key that the configuration does not know.

/** Keys of the programs that Headgate replaces, and where their thing stands here. */
const FORMER_KEYS: Readonly<Record<string, string>> = {
  update_interval: 'media_servers[].poll_interval',
  poll_interval_sec: 'torrent_clients[].poll_interval',
  internal_ranges: 'network.local_ranges',
  total_upload_mbps: 'uplink.upload',
  reserved_bandwidth: 'uplink.reserve',
  min_per_user: 'bandwidth.min_per_viewer',
  max_per_user: 'bandwidth.max_per_viewer',
  log_level: 'logging.level',
  log_file: 'logging.file',
  log_max_size: 'logging.max_size',
  log_backup_count: 'logging.backups',
  backup_user_settings: 'nothing: originals are always kept',
  pid_file: 'nothing: the data folder is locked',
  idle_upload_kbps: 'torrent_clients[].limit_when_idle',
  streaming_upload_kbps: 'torrent_clients[].limit_while_streaming',
  streaming_threshold: 'bandwidth.throttle_after',
  idle_threshold: 'bandwidth.restore_after',
  plex_url: 'media_servers[].url',
  plex_token: 'media_servers[].api_key_file',
  qbittorrent_url: 'torrent_clients[].url',
  qbittorrent_username: 'torrent_clients[].username',
  qbittorrent_password: 'torrent_clients[].password_file',
  jellyfin: 'media_servers',
  router: "mqtt.users here and the router agent's own file",
  daemon: 'bandwidth',
  plex: 'media_servers',
  qbittorrent: 'torrent_clients',
};

/** The end of a sentence: a near key of the same section, else where a former program's key went, else the keys that there are. */
export function hint(key: string, known: readonly string[]): string {
  const [near] = known
    .map((one) => ({ one, steps: distance(key.toLowerCase(), one) }))
    .filter(({ one, steps }) => steps <= Math.max(2, Math.floor(one.length / 3)))
    .sort((a, b) => a.steps - b.steps);
  if (near !== undefined) return `did you mean ${near.one}?`;
  if (Object.hasOwn(FORMER_KEYS, key)) return `here it is ${FORMER_KEYS[key]}`;
  return `known here: ${known.join(', ')}`;
}

/** Levenshtein's distance: insertions, deletions and replacements from one to the other. Keys are short, so the plain form does. */
function distance(a: string, b: string): number {
  if (a.length > 64) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
