// Which version a Jellyfin is, as far as a key's rights depend on it.
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { systemInfo } from '../jellyfin-schemas.ts';

export type ServerVersion = {
  /** `10.11.11` */
  readonly text: string;
  /** 10.11.11 is 10011, 12.0.0 is 12000. */
  readonly line: number;
};

/** Remembered until the server was away: it may have been updated. */
export const createReadVersion = (http: JellyfinHttp): ((signal: AbortSignal) => Promise<ServerVersion>) => {
  let known: { readonly version: ServerVersion; readonly outages: number } | null = null;
  return async (signal) => {
    if (known !== null && known.outages === http.outages()) return known.version;
    const { Version: text } = await http.ask(systemInfo, { path: '/System/Info/Public', signal });
    const [major = 0, minor = 0] = text.split('.').map(Number);
    const version = { text, line: major * 1000 + minor };
    known = { version, outages: http.outages() };
    return version;
  };
};
