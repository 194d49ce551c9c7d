// How much the simulated qBittorrent moves: what its torrents want, held down by the limit of the active mode.
import { activeLimit, type SimulatedSettings } from './settings.ts';

export type Traffic = {
  /** Bytes/s that the torrents would move without a limit. */
  want(rates: { readonly upload?: number; readonly download?: number }): void;
  now(settings: SimulatedSettings): { readonly upload: number; readonly download: number };
  /** To be called before the settings change: counts what was moved under the old ones. */
  count(settings: SimulatedSettings): { readonly uploaded: number; readonly downloaded: number };
  /** A restart counts from 0. */
  restart(): void;
};

/** `flows`: false where nothing that could move anything runs. */
export const createTraffic = (now: () => number, flows: () => boolean): Traffic => {
  let wanted = { upload: 0, download: 0 };
  let counted = { uploaded: 0, downloaded: 0 };
  let since = now();
  const rates = (settings: SimulatedSettings) => ({
    upload: flows() ? Math.min(wanted.upload, activeLimit(settings, 'up') || Infinity) : 0,
    download: flows() ? Math.min(wanted.download, activeLimit(settings, 'dl') || Infinity) : 0,
  });
  return {
    want: (next) => {
      wanted = { ...wanted, ...next };
    },
    now: rates,
    count: (settings) => {
      const seconds = (now() - since) / 1000;
      since = now();
      const { upload, download } = rates(settings);
      counted = { uploaded: counted.uploaded + upload * seconds, downloaded: counted.downloaded + download * seconds };
      return { uploaded: Math.round(counted.uploaded), downloaded: Math.round(counted.downloaded) };
    },
    restart: () => {
      counted = { uploaded: 0, downloaded: 0 };
      since = now();
    },
  };
};
