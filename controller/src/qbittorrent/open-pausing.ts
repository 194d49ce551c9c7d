// Stopping single torrents of qBittorrent and starting the same ones again: "pause" and "resume" up to 4.6, "stop" and "start" from 5.0 on.
import { decodeJson } from '../http-client/decode-answer.ts';
import type { TorrentPausing } from '../neighbours/download-client.ts';
import { isBroken, torrentList, versionText } from './answers.ts';
import type { WebApi } from './open-web-api.ts';

type Words = { readonly running: string; readonly stop: string; readonly start: string };
const UP_TO_4: Words = { running: 'resumed', stop: 'pause', start: 'resume' };
const FROM_5: Words = { running: 'running', stop: 'stop', start: 'start' };

/** One torrent is 1.5 to 10 KB of JSON, most of it its magnet link. Each page makes qBittorrent write down all torrents, so there are few. */
const PAGE = 500;
const MOST_AT_ONCE = 100;
/** Goes on past its queue; "start" would take that away, so the id remembers it. */
const FORCED = ':forced';

export const openPausing = ({ name, api }: { name: string; api: WebApi }): TorrentPausing => {
  /** Asked each time: the one behind the URL may have been replaced. A filter that a version does not know is no filter at all. */
  const words = async (signal: AbortSignal): Promise<Words> => {
    const [, major] = versionText.exec((await api.get('app/version', signal)).trim()) ?? [];
    return Number(major ?? 5) >= 5 ? FROM_5 : UP_TO_4;
  };
  const forAll = async (path: string, hashes: readonly string[], signal: AbortSignal, rest: object = {}): Promise<void> => {
    for (let from = 0; from < hashes.length; from += MOST_AT_ONCE) {
      const some = hashes.slice(from, from + MOST_AT_ONCE).join('|');
      await api.post(`torrents/${path}`, { hashes: some, ...rest }, signal); // one that is gone is passed over
    }
  };
  return {
    running: async (signal) => {
      const { running } = await words(signal);
      const ids = new Map<string, string | null>();
      for (let offset = 0; ; offset += PAGE) {
        // The filter and not the state: a torrent that its user stopped is "moving" or "checkingResumeData" for a while.
        const path = `torrents/info?filter=${running}&sort=hash&limit=${PAGE}&offset=${offset}`;
        const page = decodeJson(torrentList, await api.get(path, signal), `${name} torrents/info`);
        const seen = ids.size;
        for (const { hash, state, force_start } of page)
          ids.set(hash, isBroken(state) ? null : hash + (force_start ? FORCED : ''));
        // Up to 5.1 an offset past the end starts over.
        if (page.length < PAGE || ids.size === seen) return [...ids.values()].filter((id) => id !== null);
      }
    },
    pause: async (ids, signal) => {
      const { stop } = await words(signal);
      await forAll(stop, ids.map(hashOf), signal);
    },
    resume: async (ids, signal) => {
      const { start } = await words(signal);
      const isForced = (id: string): boolean => id.endsWith(FORCED);
      await forAll(
        start,
        ids.filter((id) => !isForced(id)),
        signal,
      );
      await forAll('setForceStart', ids.filter(isForced).map(hashOf), signal, { value: 'true' });
    },
  };
};

const hashOf = (id: string): string => (id.endsWith(FORCED) ? id.slice(0, -FORCED.length) : id);
