// Pure: what may be read and how: a local path, or HTTP without any secret, since argument lists are open to every user of the machine.

/** Why ffmpeg is not given this; null where it is. The sentence has no part of the address. */
export function refuseInput(from: string): string | null {
  if (from.includes('\0')) return 'the address holds a NUL character';
  if (from.startsWith('/')) return null;
  const url = URL.parse(from);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return 'it is neither an absolute path nor an http(s) URL';
  if (url.username !== '' || url.password !== '')
    return 'its URL holds a name or password, which every user of this machine could read';
  const secret = [...url.searchParams.keys()].find((name) => secretNames.test(name));
  return secret === undefined ? null : `its URL holds a secret (${secret}), which every user of this machine could read`;
}

/** Jellyfin takes `api_key` and `ApiKey`, Plex `X-Plex-Token`. */
const secretNames = /^(api[_-]?key|(access|auth|x-[a-z]+)?[_-]?token|password|secret|sig(nature)?)$/iu;

export const isUrl = (from: string): boolean => !from.startsWith('/');

/**
 * A server that is silent is given up after 10 s, one that hung up is asked again for 3 s.
 * `-recv_buffer_size`: a demuxer that looks around leaves many connections after a few bytes; the kernel would read megabytes for each.
 * `-http_proxy none`: no scheme that ffmpeg knows, so that it takes none from the environment; what it reads is on this machine or in this home.
 */
const http = ['-rw_timeout', '10000000', '-recv_buffer_size', '65536', '-http_proxy', 'none'];
const reconnect = [
  '-reconnect',
  '1',
  '-reconnect_streamed',
  '1',
  '-reconnect_on_network_error',
  '1',
  '-reconnect_delay_max',
  '2',
];

/** `-i` and what goes before it. ffprobe asks once. */
export const inputArguments = (from: string, again: 'reconnect' | 'once' = 'reconnect'): readonly string[] => [
  ...(isUrl(from) ? [...http, ...(again === 'reconnect' ? reconnect : [])] : []),
  '-i',
  // A path is no protocol and no pattern, whatever characters it has.
  isUrl(from) ? from : `file:${from}`,
];
