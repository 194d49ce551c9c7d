// Pure: what the download clients may fetch together: the WAN's download, less a reserve, less what everybody else fetches.
import { type Reserve, reserveBps } from './line/uplink-budget.ts';

export type DownloadInput = {
  readonly capacityBps: number;
  readonly reserve: Reserve;
  readonly otherBps: number;
  readonly floorBps: number;
};

/** At least the floor. */
export const downloadsBps = ({ capacityBps, reserve, otherBps, floorBps }: DownloadInput): number =>
  Math.max(floorBps, capacityBps - reserveBps(capacityBps, reserve) - otherBps);
