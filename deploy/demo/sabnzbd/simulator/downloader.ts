// What the simulated SABnzbd downloads, how fast, and whether at all (sabnzbd/downloader.py, scheduler.py). All but its settings is lost with a restart.
import { createSpeedLimit } from './speed-limit.ts';

export type SimulatedVersion = '3.2.1' | '3.7.1' | '4.5.5';

/** sabnzbd.ini, section misc. */
export type SabnzbdSettings = {
  /** "10M"; empty for none: then there is no limit by percentage. */
  readonly bandwidth_max: string;
  readonly bandwidth_perc: number;
  readonly preserve_paused_state: boolean;
  readonly start_paused: boolean;
};

export type Downloader = {
  settings(): SabnzbdSettings;
  /** A new bandwidth_max or bandwidth_perc sets the limit anew by both, whatever stood. */
  configure(change: Partial<SabnzbdSettings>): void;
  limitSpeed(value: string): void;
  /** Percent and bytes/s, in the words of mode=queue. */
  limit(): { readonly speedlimit: string; readonly speedlimit_abs: string };
  pause(): void;
  resume(): void;
  /** Runs again by itself after so many minutes; 0 at once. */
  pauseFor(minutes: number): void;
  paused(): boolean;
  /** "4:59", or "0" where nothing runs out. */
  pauseLeft(): string;
  /** Bytes/s that the queue would move without a limit. */
  want(bytesPerSecond: number): void;
  bytesPerSecond(): number;
  restart(): void;
};

export const createDownloader = (options: {
  readonly version: SimulatedVersion;
  readonly settings: Partial<SabnzbdSettings>;
  readonly now: () => number;
}): Downloader => {
  const { now } = options;
  let settings: SabnzbdSettings = {
    ...{ bandwidth_max: '', bandwidth_perc: 100, preserve_paused_state: false, start_paused: false },
    ...options.settings,
  };
  const limit = createSpeedLimit(() => settings, options.version === '3.2.1');
  let isPaused = false;
  let pauseEnd: number | null = null;
  let wanted = 0;

  const setPaused = (paused: boolean): void => {
    if (isPaused !== paused && settings.preserve_paused_state) settings = { ...settings, start_paused: paused };
    isPaused = paused;
  };
  const settle = (): void => {
    if (pauseEnd === null || now() < pauseEnd) return;
    pauseEnd = null;
    setPaused(false);
  };
  const restart = (): void => {
    pauseEnd = null;
    isPaused = settings.start_paused;
    limit.byConfiguration();
  };
  restart();
  return {
    settings: () => settings,
    configure: (change) => {
      settings = { ...settings, ...change };
      if ('bandwidth_max' in change || 'bandwidth_perc' in change) limit.byConfiguration();
    },
    limitSpeed: limit.set,
    limit: limit.told,
    pause: () => {
      pauseEnd = null;
      setPaused(true);
    },
    resume: () => {
      pauseEnd = null;
      setPaused(false);
    },
    pauseFor: (minutes) => {
      pauseEnd = minutes > 0 ? now() + minutes * 60_000 : null;
      setPaused(minutes > 0);
    },
    paused: () => {
      settle();
      return isPaused;
    },
    pauseLeft: () => {
      settle();
      if (pauseEnd === null) return '0';
      const seconds = Math.floor((pauseEnd - now()) / 1000);
      return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    },
    want: (bytesPerSecond) => {
      wanted = bytesPerSecond;
    },
    bytesPerSecond: () => {
      settle();
      return isPaused || limit.bytes() < 0 ? 0 : Math.min(wanted, limit.bytes() || Infinity);
    },
    restart,
  };
};
