// How the server gets playlists and guides: its own User-Agent, an hour's cache for guides, and no look at a guide's HTTP status (facts/jellyfin.md §6).
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Provider, Tuner } from './live-tv-configuration.ts';
import { parsePlaylist, type TunerChannel } from './m3u.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';
import type { Guide } from './xmltv.ts';

const cacheMs = 3_600_000;
/** HttpClient's own. */
export const httpTimeoutMs = 100_000;

export type GuideDownload = {
  /** Opens the playlist and closes it again: all that saving a tuner checks. Throws where it is not there. */
  checkTuner(tuner: Tuner): Promise<void>;
  channels(tuner: Tuner, signal: AbortSignal): Promise<readonly TunerChannel[]>;
  /** Throws where the cached or the fresh file is no guide: an error page is kept for its hour. */
  guide(provider: Provider, signal: AbortSignal): Promise<Guide>;
  /** Of a provider that was saved. */
  saved(providerId: string): void;
};

export function createGuideDownload(behaviour: JellyfinBehaviour, now: () => number): GuideDownload {
  const cached = new Map<string, { readonly at: number; readonly xml: Buffer }>();
  const get = (url: string, agent: unknown, signal: AbortSignal) =>
    fetch(url, {
      headers: { 'User-Agent': typeof agent === 'string' && agent !== '' ? agent : `Jellyfin-Server/${behaviour.version}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(httpTimeoutMs)]),
    });
  const playlist = async (tuner: Tuner, signal: AbortSignal) => {
    if (!/^https?:/i.test(tuner.Url)) return readFile(tuner.Url, 'utf8');
    const response = await get(tuner.Url, tuner['UserAgent'], signal);
    if (!response.ok) throw new Error(`playlist: ${response.status}`);
    return response.text();
  };
  const guideFile = async (provider: Provider, signal: AbortSignal): Promise<Buffer> => {
    if (!/^https?:/i.test(provider.Path)) return readFile(provider.Path);
    const kept = cached.get(provider.Id);
    if (kept && now() - kept.at < cacheMs) return kept.xml;
    const response = await get(provider.Path, provider['UserAgent'], signal);
    const body = Buffer.from(await response.arrayBuffer());
    if (behaviour.guideIsFresh && body.length === 0) throw new Error('guide: empty');
    // Of the last URL, after redirects. Nothing else tells that it is packed.
    const packed = (behaviour.tunersPace ? /\.gz(ip)?$/i : /\.gz$/i).test(new URL(response.url || provider.Path).pathname);
    const xml = packed ? gunzipSync(body) : body;
    cached.set(provider.Id, { at: now(), xml });
    return xml;
  };
  return {
    async checkTuner(tuner) {
      await playlist(tuner, new AbortController().signal);
    },
    channels: async (tuner, signal) =>
      parsePlaylist(await playlist(tuner, signal), { id: tuner.Id, url: tuner.Url }, behaviour.liveTvNeedsAdmin),
    async guide(provider, signal) {
      const xml = (await guideFile(provider, signal)).toString('utf8');
      // Loaded by the first guide: most simulators have none, and the parser is a large one.
      const { parseGuide } = await import('./xmltv.ts');
      return parseGuide(xml, provider.PreferredLanguage ?? null);
    },
    saved(providerId) {
      if (behaviour.guideIsFresh) cached.delete(providerId);
    },
  };
}
