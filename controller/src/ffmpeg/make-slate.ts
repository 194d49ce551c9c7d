// A slate in memory: what viewers see at once, before any programme and where one is missing.
import { ControllerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MakeSlate } from '../on-air/programme-order.ts';
import { collectOutput } from './collect-output.ts';
import { slateArguments } from './ffmpeg-arguments.ts';
import type { FfmpegSettings } from './ffmpeg-settings.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { slateLength } from './slate-length.ts';

export type SlateParts = { readonly settings: FfmpegSettings; readonly guard: OrphanGuard; readonly log: Log };

/** 4 s at 20 Mbit/s. */
const mostBytes = 10_000_000;

export const createMakeSlate =
  ({ settings, guard, log }: SlateParts): MakeSlate =>
  async (picture, lines, signal) => {
    const make = async (shown: readonly string[]): Promise<Uint8Array> => {
      const argv = [settings.ffmpeg, ...slateArguments(picture, shown, { length: slateLength(picture), machine: settings })];
      const options = { guard, key: 'channels.ffmpeg', task: 'making a slate', mostBytes, timeoutMs: 60_000 };
      return (await collectOutput(argv, signal, options)).bytes;
    };
    try {
      return await make(lines);
    } catch (error) {
      if (!(error instanceof ControllerError) || error.code !== 'upstream_failed' || lines.length === 0) throw error;
      log.warn({ problem: error.message }, 'a slate is made without its text: no font, or no drawtext in this ffmpeg');
      return make([]);
    }
  };
