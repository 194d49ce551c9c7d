// The adapter to ffmpeg and ffprobe: what on-air/programme-order.ts asks for.
import type { Log } from '../log.ts';
import type { MakeSlate, MeasureGain, ProbeMedia, StartProgramme } from '../on-air/programme-order.ts';
import { checkFfmpeg, type FfmpegCheck, listFilters } from './check-ffmpeg.ts';
import type { FfmpegSettings } from './ffmpeg-settings.ts';
import { createMakeSlate } from './make-slate.ts';
import { createMeasureGain } from './measure-gain.ts';
import { detectOrphanGuard, type OrphanGuard } from './orphan-guard.ts';
import { createProbeMedia } from './probe-media.ts';
import { createStartProgramme } from './start-programme.ts';

export type Ffmpeg = {
  readonly startProgramme: StartProgramme;
  readonly makeSlate: MakeSlate;
  readonly probeMedia: ProbeMedia;
  readonly measureGain: MeasureGain;
  readonly check: (signal: AbortSignal) => Promise<FfmpegCheck>;
};

/** Open it on a thread that lives as long as what it starts (orphan-guard.ts). Nothing runs until it is asked, but for the look at setpriv. */
export function openFfmpeg(settings: FfmpegSettings, log: Log, guard: OrphanGuard = detectOrphanGuard()): Ffmpeg {
  const parts = { settings, guard, log };
  const probeMedia = createProbeMedia(parts);
  let filters: ReadonlySet<string> | null = null;
  const zscale = async (signal: AbortSignal): Promise<boolean> => {
    filters ??= await listFilters(parts, signal);
    return filters.has('zscale');
  };
  return {
    startProgramme: createStartProgramme({ ...parts, probeMedia, zscale }),
    makeSlate: createMakeSlate(parts),
    probeMedia,
    measureGain: createMeasureGain(parts),
    check: (signal) => checkFfmpeg(parts, signal),
  };
}
