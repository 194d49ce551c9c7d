// Where the RPC is, from the URL that people have: the host, or what their browser shows. Pure.

/**
 * The folder that holds `rpc`. `http://host:9091` and `https://host/base/` get `/transmission`; one that ends with `/transmission`, or with
 * `/rpc` or `/web` (as with an rpc-url of one's own), says it already. What is no URL stays as it is, for the one who tells that.
 */
export const rpcFolder = (url: string): string => {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  const path = parsed.pathname.replace(/\/(?:index\.html)?$/, '').replace(/\/+$/, '');
  const said = /\/(?:rpc|web)$/.test(path) ? path.replace(/\/[^/]*$/, '') : null;
  parsed.pathname = said ?? (path.endsWith('/transmission') ? path : `${path}/transmission`);
  return parsed.href;
};
