// Pure: where our own addresses begin, by the configuration alone.

/** @param publicUrl http.public_url. Without it the address we listen on; one that means "all" is told as this machine's own, which only a player beside us reaches. */
export function ownAddress(publicUrl: string | null, { host, port }: { readonly host: string; readonly port: number }): string {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(host);
const hostOf = (url: string): string => URL.parse(url)?.hostname ?? '';

export type Placed = {
  /** Of `ownAddress`. */
  readonly baseUrl: string;
  /** Where HTTP listens. */
  readonly listenHost: string;
  /** By their configuration. */
  readonly mediaServers: readonly { readonly name: string; readonly url: string }[];
};

/** A sentence where playlists and guides hold an address that their readers cannot reach; null where nothing speaks against it. */
export function addressProblem({ baseUrl, listenHost, mediaServers }: Placed): string | null {
  if (!isLoopback(hostOf(baseUrl))) return null;
  const elsewhere = mediaServers.filter(({ url }) => !isLoopback(hostOf(url))).map(({ name }) => name);
  if (elsewhere.length === 0 && isLoopback(listenHost)) return null;
  const who = elsewhere.length > 0 ? `${elsewhere.join(', ')} cannot reach it` : 'only this machine reaches it';
  return `playlists and guides name ${baseUrl}, and ${who}: set channels.base_url (or http.public_url) to how this machine is reached`;
}
