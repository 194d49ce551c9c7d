// One programme: what is not known of its file is looked up, then ffmpeg runs; without the hardware where that fails, and a card without text that cannot be drawn.
import { closeSync, openSync, readSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MediaInfo } from '../on-air/media-info.ts';
import type { ProbeMedia, ProgrammeOrder, RunningProgramme, StartProgramme } from '../on-air/programme-order.ts';
import { ffmpegArguments } from './ffmpeg-arguments.ts';
import type { Acceleration, FfmpegSettings } from './ffmpeg-settings.ts';
import { isUrl, refuseInput } from './input-arguments.ts';
import { withoutSecrets } from './last-lines.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { type Run, runFfmpeg } from './run-ffmpeg.ts';

export type ProgrammeParts = {
  readonly settings: FfmpegSettings;
  readonly guard: OrphanGuard;
  readonly probeMedia: ProbeMedia;
  /** Whether this build has zscale; asked only for HDR. */
  readonly zscale: (signal: AbortSignal) => Promise<boolean>;
  readonly log: Log;
};

type End = Awaited<RunningProgramme['ended']>;

/** `pid` is null until ffmpeg runs: at first where `media` is null, for good where it could not be started. */
export const createStartProgramme =
  (parts: ProgrammeParts): StartProgramme =>
  (order, signal) => {
    const { output, stop, close } = openOutput(signal);
    let run: Run | null = null;
    const play = async (): Promise<End> => {
      const refused = refuseOrder(order);
      if (refused !== null) return failed(refused);
      const prepared = withLogo(order, parts.log);
      tellSubtitles(order, parts.log);
      const media = await knownMedia(prepared, stop, parts.probeMedia);
      const zscale = media?.video?.hdr === true && (await parts.zscale(stop));
      const attempt = ({ tried, acceleration }: Try): Promise<Attempt> => {
        const argv = [parts.settings.ffmpeg, ...ffmpegArguments(tried, media, { ...parts.settings, acceleration, zscale })];
        run = runFfmpeg(argv, stop, { guard: parts.guard, key: 'channels.ffmpeg' });
        return passOn(run, output);
      };
      let { end, began } = await attempt({ tried: prepared, acceleration: parts.settings.acceleration });
      for (const next of insteadOf(prepared, parts.settings)) {
        if (end.problem === null || began) break;
        parts.log.warn({ problem: end.problem }, next.told);
        ({ end, began } = await attempt(next));
      }
      return end;
    };
    const ended = play()
      .catch((error: unknown): End => (stop.aborted ? endedByUs : failed(withoutSecrets(messageOf(error)))))
      .finally(close);
    return {
      get pid() {
        return run?.pid ?? null;
      },
      output,
      ended,
    };
  };

/** `stop`: the caller's signal, or the reader left. A reader that left is not told by the pipe while ffmpeg waits for a silent source. */
function openOutput(signal: AbortSignal): {
  readonly output: PassThrough;
  readonly stop: AbortSignal;
  readonly close: () => void;
} {
  const output = new PassThrough();
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  const destroy = (): void => void output.destroy();
  output.on('error', () => {});
  output.once('close', () => left.abort());
  signal.addEventListener('abort', destroy, { once: true });
  const close = (): void => {
    signal.removeEventListener('abort', destroy);
    if (stop.aborted) output.destroy();
    else output.end();
  };
  return { output, stop, close };
}

const endedByUs: End = { code: null, signal: null, problem: null };
const failed = (problem: string): End => ({ code: null, signal: null, problem });

function refuseOrder({ input }: ProgrammeOrder): string | null {
  const from = input.kind === 'file' ? input.from : input.image;
  const refused = from === null ? null : refuseInput(from);
  return refused === null ? null : `this cannot be played: ${refused}`;
}

const knownMedia = async ({ input }: ProgrammeOrder, signal: AbortSignal, probeMedia: ProbeMedia): Promise<MediaInfo | null> =>
  input.kind === 'card' ? null : (input.media ?? (await probeMedia(input.from, signal)));

/** Drawing text takes all of the file at once: fast from a disk, minutes of a film's whole bytes over a network (ffmpeg-arguments.ts). */
function tellSubtitles({ input }: ProgrammeOrder, log: Log): void {
  if (input.kind === 'file' && input.subtitle?.kind === 'text' && isUrl(input.from)) {
    log.info({}, 'text subtitles are not drawn: the file is read over HTTP; they are where this machine can read its path');
  }
}

type Try = { readonly tried: ProgrammeOrder; readonly acceleration: Acceleration };

/** What is tried where nothing came at all, one after the other: a graphics card may be busy or not there, a logo or an image broken, a font missing. */
function insteadOf(order: ProgrammeOrder, { acceleration }: FfmpegSettings): readonly (Try & { readonly told: string })[] {
  const { input } = order;
  const bare = { ...order, watermark: null };
  const tries: [ProgrammeOrder, told: string][] = [];
  if (acceleration !== 'software') tries.push([order, 'a programme is tried without channels.acceleration']);
  if (order.watermark !== null) tries.push([bare, 'a programme is tried without its watermark']);
  if (input.kind === 'card') {
    const blank = { ...bare, input: { ...input, lines: [] } };
    if (input.lines.length > 0) tries.push([blank, 'a card is shown without its text: no font, or no drawtext in this ffmpeg']);
    if (input.image !== null) {
      tries.push([{ ...bare, input: { ...input, image: null } }, 'a card is shown without its image']);
      tries.push([{ ...bare, input: { ...input, image: null, lines: [] } }, 'a card is shown blank']);
    }
  }
  return tries.map(([tried, told]) => ({ tried, told, acceleration: 'software' }));
}

type Attempt = { readonly end: End; readonly began: boolean };

/** The reader's pace is ffmpeg's: nothing is buffered here beyond a stream's own 64 KiB. */
async function passOn(run: Run, output: PassThrough): Promise<Attempt> {
  let began = false;
  run.output.once('data', () => {
    began = true;
  });
  // Fails where either end was closed, which the run's own end tells.
  await pipeline(run.output, output, { end: false }).catch(() => {});
  const { code, signal, problem } = await run.ended;
  return { end: { code, signal, problem }, began };
}

const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

/** A logo that was deleted costs the logo, not the channel. */
function withLogo(order: ProgrammeOrder, log: Log): ProgrammeOrder {
  const { watermark } = order;
  if (watermark === null || isPng(watermark.path)) return order;
  log.warn({ path: watermark.path }, 'a watermark is left out: it is no PNG that can be read');
  return { ...order, watermark: null };
}

function isPng(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(pngSignature.length);
      return readSync(file, head) === head.length && head.equals(pngSignature);
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
