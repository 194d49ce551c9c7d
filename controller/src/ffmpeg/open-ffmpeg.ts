// The adapter to ffmpeg and ffprobe: what on-air/programme-order.ts asks for.
import type { Log } from '../log.ts';
import type { MakeSlate, ProbeMedia, StartProgramme } from '../on-air/programme-order.ts';
import type { FfmpegSettings } from './ffmpeg-settings.ts';
import { createMakeSlate } from './make-slate.ts';
import { detectOrphanGuard, type OrphanGuard } from './orphan-guard.ts';
import { createProbeMedia } from './probe-media.ts';
import { createStartProgramme } from './start-programme.ts';

export type Ffmpeg = {
  readonly startProgramme: StartProgramme;
  readonly makeSlate: MakeSlate;
  readonly probeMedia: ProbeMedia;
};

/** Open it on a thread that lives as long as what it starts (orphan-guard.ts). Nothing runs until it is asked. */
export function openFfmpeg(settings: FfmpegSettings, log: Log, guard: OrphanGuard = detectOrphanGuard()): Ffmpeg {
  const probeMedia = createProbeMedia({ settings, guard });
  return {
    startProgramme: createStartProgramme({ settings, guard, probeMedia, zscale: async () => true, log }),
    makeSlate: createMakeSlate({ settings, guard, log }),
    probeMedia,
  };
}
