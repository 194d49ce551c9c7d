// What a file or URL holds, by ffprobe: bounded in time and size.
import { ControllerError } from '../errors.ts';
import type { ProbeMedia } from '../on-air/programme-order.ts';
import { collectOutput } from './collect-output.ts';
import type { FfmpegSettings } from './ffmpeg-settings.ts';
import { inputArguments, refuseInput } from './input-arguments.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { probeEntries, readProbe } from './read-probe.ts';

/** 100 streams are some 100 KB. */
const mostBytes = 2_000_000;

/** A disk that has to spin up takes 10 s. */
const timeoutMs = 20_000;

export const createProbeMedia =
  ({ settings, guard }: { readonly settings: Pick<FfmpegSettings, 'ffprobe'>; readonly guard: OrphanGuard }): ProbeMedia =>
  async (from, signal) => {
    const refused = refuseInput(from);
    if (refused !== null) throw new ControllerError('upstream_failed', `this cannot be probed: ${refused}`);
    const argv = [
      settings.ffprobe,
      '-v',
      'error',
      '-hide_banner',
      '-print_format',
      'json=compact=1',
      '-show_entries',
      probeEntries,
    ];
    const options = { guard, key: 'channels.ffprobe', task: 'probing a file', mostBytes, timeoutMs };
    const { bytes } = await collectOutput([...argv, ...inputArguments(from, 'once')], signal, options);
    const media = readProbe(parse(bytes));
    if (media === null || (media.video === null && media.audio.length === 0)) {
      throw new ControllerError('upstream_failed', 'probing a file failed: it has neither picture nor sound');
    }
    return media;
  };

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
