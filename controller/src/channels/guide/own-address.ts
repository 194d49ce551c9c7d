// Pure: where our own addresses begin, by the configuration alone.

/** @param publicUrl http.public_url. Without it the address we listen on; one that means "all" is told as this machine's own, which only a player beside us reaches. */
export function ownAddress(publicUrl: string | null, { host, port }: { readonly host: string; readonly port: number }): string {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
