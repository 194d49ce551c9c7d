// Where a programme's media comes from: a local file where this machine can read it, else the media server behind the loopback proxy.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { ControllerError } from '../errors.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import type { ProbeMedia, ProgrammeInput } from '../on-air/programme-order.ts';
import type { SourceProxy } from './source-proxy.ts';

/** A file on a share whose server is gone hangs instead of failing. */
const LOOK_MS = 1_000;
const PROBE_MS = 8_000;
/** ffmpeg reads 5 s of it before it plays anything: it has no table of contents. */
const MPEG_TS_HEAD_BYTES = 4 * 2 ** 20;

export type InputDeps = { readonly proxy: Pick<SourceProxy, 'lease'>; readonly probe: ProbeMedia };

/** `release` takes the proxy's address back. */
export type OpenInput = { readonly input: ProgrammeInput; readonly release: () => void };

/** `intoMs`: how far into the step it begins. @throws ControllerError upstream_unreachable (no source), and as ProbeMedia. */
export async function openInput(step: PlanStep, intoMs: number, deps: InputDeps, signal: AbortSignal): Promise<OpenInput> {
  const { source } = step;
  if (source.kind === 'card') return { input: source, release: () => {} };
  const lease = (await canRead(source.path, signal)) || source.http === null ? null : deps.proxy.lease(source.http);
  lease?.readAhead(source.media?.container === 'mpegts' ? MPEG_TS_HEAD_BYTES : undefined);
  const release = (): void => lease?.[Symbol.dispose]();
  const from = lease?.url ?? source.path;
  if (from === null)
    throw new ControllerError('upstream_unreachable', 'there is neither a file nor a media server to play it from');
  try {
    const media = source.media ?? (await deps.probe(from, AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)])));
    const { audio, subtitle, gainDb } = source;
    const input = { kind: 'file', from, seekMs: source.fromMs + intoMs, media, audio, subtitle, gainDb } as const;
    return { input, release };
  } catch (error) {
    release();
    throw error;
  }
}

async function canRead(path: string | null, signal: AbortSignal): Promise<boolean> {
  if (path === null) return false;
  const tooLate = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const late = new Promise<boolean>((resolve) => tooLate.addEventListener('abort', () => resolve(false), { once: true }));
  const read = access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  return Promise.race([read, late]);
}
