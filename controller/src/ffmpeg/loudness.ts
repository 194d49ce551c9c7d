// Pure: where a file is listened to, what ffmpeg's ebur128 says of it, and the gain that follows (EBU R 128, ITU-R BS.1770).

/** EBU R 128: programmes at -23 LUFS, no true peak above -1 dBTP. */
const targetLufs = -23;
const highestPeakDb = -1;
const mostGainDb = 12;
/** The gate below which BS.1770 hears nothing. */
const silentLufs = -70;

const windowMs = 60_000;

export type Window = { readonly fromMs: number; readonly lengthMs: number };

/** All of a short file; of others three minutes, away from logos and end titles. */
export function listeningWindows(durationMs: number | null): readonly Window[] {
  if (durationMs === null || durationMs <= 3 * windowMs) return [{ fromMs: 0, lengthMs: 3 * windowMs }];
  return [0.15, 0.45, 0.75].map((part) => ({ fromMs: Math.round(part * (durationMs - windowMs)), lengthMs: windowMs }));
}

export type Loudness = { readonly lufs: number; readonly peakDb: number };

/** Out of the summary at the end of stderr; null where there is none, or nothing was heard. */
export function readLoudness(stderr: string): Loudness | null {
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  const lufs = Number(/I:\s+(-?[\d.]+) LUFS/u.exec(summary)?.[1] ?? Number.NaN);
  const peakDb = Number(/Peak:\s+(-?[\d.]+) dBFS/u.exec(summary)?.[1] ?? Number.NaN);
  return Number.isFinite(lufs) && Number.isFinite(peakDb) && lufs > silentLufs ? { lufs, peakDb } : null;
}

/** Rounded to a tenth. Windows count by energy; silent ones were left out. 0 where nothing was heard. */
export function gainFor(heard: readonly Loudness[]): number {
  if (heard.length === 0) return 0;
  const energy = heard.reduce((sum, { lufs }) => sum + 10 ** (lufs / 10), 0) / heard.length;
  const wanted = targetLufs - 10 * Math.log10(energy);
  const room = highestPeakDb - Math.max(...heard.map(({ peakDb }) => peakDb));
  const gain = Math.max(-mostGainDb, Math.min(mostGainDb, wanted, room));
  return Math.round(gain * 10) / 10 + 0;
}
