// A slate in memory: what viewers see at once, before any programme and where one is missing.
import { ControllerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MakeSlate } from '../on-air/programme-order.ts';
import { collectOutput } from './collect-output.ts';
import { slateArguments } from './ffmpeg-arguments.ts';
import type { Acceleration, FfmpegSettings } from './ffmpeg-settings.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { slateLength } from './slate-length.ts';

export type SlateParts = { readonly settings: FfmpegSettings; readonly guard: OrphanGuard; readonly log: Log };

/** 4 s at 20 Mbit/s. */
const mostBytes = 10_000_000;

export const createMakeSlate =
  ({ settings, guard, log }: SlateParts): MakeSlate =>
  async (picture, lines, signal, haste = 'awaited') => {
    const make = async (shown: readonly string[], acceleration: Acceleration): Promise<Uint8Array> => {
      const machine = { ...settings, acceleration };
      const argv = [settings.ffmpeg, ...slateArguments(picture, shown, { length: slateLength(picture), machine })];
      const nice = haste === 'ahead';
      const options = { guard, key: 'channels.ffmpeg', nice, task: 'making a slate', mostBytes, timeoutMs: 60_000 };
      return (await collectOutput(argv, signal, options)).bytes;
    };
    const instead = [
      ...(settings.acceleration === 'software' ? [] : [{ shown: lines, told: 'a slate is made without channels.acceleration' }]),
      ...(lines.length === 0
        ? []
        : [{ shown: [], told: 'a slate is made without its text: no font, or no drawtext in this ffmpeg' }]),
    ];
    let made = await make(lines, settings.acceleration).catch(failed);
    for (const { shown, told } of instead) {
      if (!(made instanceof ControllerError)) break;
      log.warn({ problem: made.message }, told);
      made = await make(shown, 'software').catch(failed);
    }
    if (made instanceof ControllerError) throw made;
    return made;
  };

/** @throws what is no failure of the program */
function failed(error: unknown): ControllerError {
  if (error instanceof ControllerError && error.code === 'upstream_failed') return error;
  throw error;
}
