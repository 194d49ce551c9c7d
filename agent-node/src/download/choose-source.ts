// Pure: where an item may come from. Foreign hosts only by the allow-list; what therefore cannot come says so.
import type { WantedItem } from '../library/wanted.ts';

/** @property origin of the manifest. @property hasEngine there is a torrent process. */
export type SourceSettings = {
  readonly origin: string;
  readonly hasEngine: boolean;
  readonly hosts: readonly string[];
  readonly trackers: readonly string[];
};
export type Sources = {
  /** The .torrent file, and the trackers that may be asked. */
  readonly torrent: { readonly url: string; readonly isOwn: boolean; readonly announce: readonly string[] } | null;
  /** What a file's `seedPath` is added to. */
  readonly webSeed: string | null;
  /** A sentence about what may not be asked; null where nothing was left out. */
  readonly leftOut: string | null;
};

export function chooseSources({ torrent, infoHash }: WantedItem, settings: SourceSettings): Sources {
  const { origin, hasEngine, hosts } = settings;
  const isMagnet = torrent.startsWith('magnet:');
  const link = isMagnet ? null : new URL(torrent);
  const isOwnLink = link?.origin === origin;
  const isAllowed = link !== null && !isOwnLink && hosts.includes(link.host);
  const trackers = isMagnet ? new URLSearchParams(torrent.slice('magnet:?'.length)).getAll('tr') : [];
  const sorted = trackers.map((tracker) => ({ tracker, isTaken: isTracker(tracker, settings) }));
  const foreign = [...new Set(sorted.filter(({ isTaken }) => !isTaken).map(({ tracker }) => hostName(tracker)))];
  const announce = sorted.filter(({ isTaken }) => isTaken).map(({ tracker }) => tracker);
  const url = isOwnLink || isAllowed ? torrent : infoHash === null ? null : `${origin}/torrent/${infoHash}.torrent`;
  return {
    torrent: hasEngine && url !== null ? { url, isOwn: !isAllowed, announce } : null,
    webSeed: infoHash === null ? null : `${origin}/web-seed/${infoHash}/`,
    leftOut: leftOut(link !== null && !isOwnLink && !isAllowed ? link.host : null, foreign),
  };
}

function leftOut(host: string | null, trackers: readonly string[]): string | null {
  if (host !== null) return `its .torrent file lies on ${host}, which is not on the allow-list`;
  return trackers.length === 0 ? null : `its trackers (${trackers.slice(0, 3).join(', ')}) are not on the allow-list`;
}

function isTracker(tracker: string, { origin, trackers }: SourceSettings): boolean {
  if (!URL.canParse(tracker)) return false;
  const { origin: own, host, protocol } = new URL(tracker);
  return ['http:', 'https:', 'udp:'].includes(protocol) && (own === origin || trackers.includes(host));
}

/**
 * The tracker that a .torrent file names, where it may be asked; else null. @param origin where the file came from, if that is our own controller: behind a
 * proxy it may know itself by another name than we do, and then its tracker is where the rest of it is.
 */
export function trackerOf(
  named: string | null,
  { origin, trackers }: { readonly origin: string | null; readonly trackers: readonly string[] },
): string | null {
  if (named === null || !URL.canParse(named)) return null;
  const { origin: own, host, pathname, search } = new URL(named);
  if (own === origin || trackers.includes(host)) return named;
  return origin !== null && pathname === '/announce' ? `${origin}/announce${search}` : null;
}

const hostName = (url: string): string => (URL.canParse(url) ? new URL(url).host || 'no host' : 'no URL');
