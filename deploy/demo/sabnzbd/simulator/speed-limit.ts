// The speed limit of the simulated SABnzbd: a percentage and bytes/s at once, by the one that was set last (sabnzbd/downloader.py).
import { floatText, fromUnits, intConv } from './units.ts';

export type SpeedLimit = {
  /** What sabnzbd.ini says, whatever stood: at a start, and when it changes there. */
  byConfiguration(): void;
  /** mode=config&name=speedlimit. */
  set(value: string): void;
  /** Percent and bytes/s, in the words of mode=queue. */
  told(): { readonly speedlimit: string; readonly speedlimit_abs: string };
  /** 0 is none; below 0 nothing flows. */
  bytes(): number;
};

/** `isOld`: up to 3.6 the figures are floats, and none is shown as nothing. */
export const createSpeedLimit = (
  configured: () => { readonly bandwidth_max: string; readonly bandwidth_perc: number },
  isOld: boolean,
): SpeedLimit => {
  const whole = isOld ? (value: number) => value : Math.trunc;
  const most = (): number => Math.trunc(fromUnits(configured().bandwidth_max));
  const part = (percent: number): number => whole((most() * percent) / 100);
  let limit = { percent: 0, bytes: 0 };
  return {
    byConfiguration: () => {
      const percent = configured().bandwidth_perc;
      limit = most() && percent ? { percent, bytes: part(percent) } : { percent: 0, bytes: 0 };
    },
    set: (value) => {
      const told = fromUnits(value);
      if (value.includes('%') || (told > 0 && told < 101)) {
        const text = value.replace(/^[ %]+|[ %]+$/g, '');
        const percent = isOld ? fromUnits(text) : intConv(text);
        // Without a bandwidth_max only the figure changes, and a warning appears.
        limit = { percent, bytes: most() ? part(percent) : limit.bytes };
      } else {
        const bytes = whole(told);
        limit = { percent: most() ? whole((bytes / most()) * 100) : 100, bytes };
      }
    },
    told: () => {
      const { percent, bytes } = limit;
      if (!isOld) return { speedlimit: String(percent), speedlimit_abs: String(bytes) };
      const shown = percent <= 0 ? 100 : percent;
      return { speedlimit: shown.toFixed(shown % 1 > 0 ? 1 : 0), speedlimit_abs: bytes <= 0 ? '' : floatText(bytes) };
    },
    bytes: () => limit.bytes,
  };
};
