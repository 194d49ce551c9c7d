// How much louder or softer a file must be played, from up to three minutes of it: sound alone is decoded, behind everything that plays.
import { ControllerError } from '../errors.ts';
import type { MeasureGain } from '../on-air/programme-order.ts';
import { downMix } from './audio-filters.ts';
import { collectOutput } from './collect-output.ts';
import type { FfmpegSettings } from './ffmpeg-settings.ts';
import { seconds } from './filter-text.ts';
import { inputArguments, refuseInput } from './input-arguments.ts';
import { gainFor, type Loudness, listeningWindows, readLoudness, type Window } from './loudness.ts';
import type { OrphanGuard } from './orphan-guard.ts';

/** A minute of sound takes under a second; a slow disk or network some more. */
const timeoutMs = 120_000;

/** Of stderr: the summary is its end. */
const keptCharacters = 8_000;

export const createMeasureGain =
  ({ settings, guard }: { readonly settings: Pick<FfmpegSettings, 'ffmpeg'>; readonly guard: OrphanGuard }): MeasureGain =>
  async (from, media, audio, signal) => {
    const refused = refuseInput(from);
    if (refused !== null) throw new ControllerError('upstream_failed', `the loudness of this cannot be measured: ${refused}`);
    const ordinal = media.audio.find((one) => one.ordinal === audio)?.ordinal ?? media.audio[0]?.ordinal;
    if (ordinal === undefined) return 0;
    const heard: Loudness[] = [];
    for (const window of listeningWindows(media.durationMs)) {
      let said = '';
      const onStderr = (chunk: string): void => {
        said = (said + chunk).slice(-keptCharacters);
      };
      const options = {
        guard,
        key: 'channels.ffmpeg',
        task: 'measuring loudness',
        mostBytes: 1_000,
        timeoutMs,
        nice: true,
        onStderr,
      };
      await collectOutput([settings.ffmpeg, ...loudnessArguments(from, ordinal, window)], signal, options);
      const loudness = readLoudness(said);
      if (loudness !== null) heard.push(loudness);
    }
    return gainFor(heard);
  };

/** Heard as it will be sent: mixed down to stereo. A line each 100 ms would be said at `info`. */
const loudnessArguments = (from: string, ordinal: number, { fromMs, lengthMs }: Window): readonly string[] => [
  ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'info', '-fflags', '+genpts+discardcorrupt'],
  ...(fromMs > 0 ? ['-ss', seconds(fromMs)] : []),
  ...['-t', seconds(lengthMs), ...inputArguments(from)],
  ...[
    '-map',
    `0:a:${ordinal}`,
    '-vn',
    '-sn',
    '-dn',
    '-af',
    `${downMix(48_000, 2)},ebur128=peak=true:framelog=verbose`,
    '-f',
    'null',
    '-',
  ],
];
