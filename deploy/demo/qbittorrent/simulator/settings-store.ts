// Settings of the simulated qBittorrent that outlive it, saved when the original would save them.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { keptSettings, type SimulatedSettings } from './settings.ts';

export type SettingsStore = {
  settings(): SimulatedSettings;
  /** app/setPreferences saves at once; what transfer/* changes is saved 5 s later (base/settingsstorage.cpp). */
  change(next: SimulatedSettings, when: 'at once' | 'late'): void;
  /** Afterwards the settings are those that the next start finds. */
  end(how: 'kill' | 'stop'): Promise<void>;
};

const saveAfterMs = 5_000;

const firstSettings: SimulatedSettings = {
  up_limit: 0,
  alt_up_limit: 10_240,
  dl_limit: 0,
  alt_dl_limit: 10_240,
  limit_lan_peers: true,
  use_alt_speed_limits: false,
};

export const openSettings = async (options: {
  /** Undefined: saved settings live in memory, over kill and start. */
  readonly stateFile: string | undefined;
  readonly first: Partial<SimulatedSettings>;
  readonly now: () => number;
}): Promise<SettingsStore> => {
  const { stateFile, now } = options;
  const earlier = stateFile === undefined ? null : await readFile(stateFile, 'utf8').catch(() => null);
  let saved: SimulatedSettings = earlier === null ? keptSettings({ ...firstSettings, ...options.first }) : JSON.parse(earlier);
  let current = saved;
  let changedAt: number | null = null;
  let writing = Promise.resolve();
  const save = (): void => {
    changedAt = null;
    if (saved === current) return;
    saved = current;
    const text = JSON.stringify(saved);
    if (stateFile === undefined) return;
    writing = writing.then(() => writeFile(`${stateFile}.new`, text)).then(() => rename(`${stateFile}.new`, stateFile));
  };
  const saveWhatIsDue = (): void => {
    if (changedAt !== null && now() - changedAt >= saveAfterMs) save();
  };
  return {
    settings: () => current,
    change: (next: SimulatedSettings, when: 'at once' | 'late'): void => {
      saveWhatIsDue();
      current = next;
      if (when === 'at once') save();
      else changedAt ??= now();
    },
    end: async (how: 'kill' | 'stop'): Promise<void> => {
      if (how === 'stop') save();
      else saveWhatIsDue();
      current = saved;
      changedAt = null;
      await writing;
    },
  };
};
