// Pure: where the manifests of a configuration are, and which token goes along.
import type { Config } from '../config-schema.ts';

/** @property group null where only the manifest itself names it. @property url without a name or password. @property origin of the web seed as well. */
export type ManifestSource = {
  readonly group: string | null;
  readonly url: string;
  readonly origin: string;
  readonly token: string | null;
};

/** One for each group. A token in the URL is taken out of it: it goes as a header, and into no log. */
export function manifestSources({
  url: urls,
  groups,
  token,
}: Pick<Config['manifests'], 'url' | 'groups' | 'token'>): readonly ManifestSource[] {
  return urls.flatMap((given) => {
    const url = new URL(given);
    const own = url.password === '' ? (token ?? null) : decodeURIComponent(url.password);
    url.username = '';
    url.password = '';
    url.hash = '';
    const source = (at: URL, group: string | null): ManifestSource => ({ group, url: at.href, origin: at.origin, token: own });
    const file = /\/([^/]+)\.json$/.exec(url.pathname)?.[1];
    if (groups.length === 0) return [source(url, file ?? null)];
    return groups.map((group) => source(manifestAt(url, group, file !== undefined), group));
  });
}

/** `https://host/manifest/family.json` for another group, or what `https://host` means. */
function manifestAt(url: URL, group: string, isFile: boolean): URL {
  const at = new URL(url);
  const folder = isFile ? url.pathname.replace(/\/[^/]*$/, '') : url.pathname.replace(/\/$/, '');
  at.pathname = isFile || folder.endsWith('/manifest') ? `${folder}/${group}.json` : `${folder}/manifest/${group}.json`;
  return at;
}

export const tokenHeader = (token: string | null): Readonly<Record<string, string>> =>
  token === null ? {} : { authorization: `Bearer ${token}` };
