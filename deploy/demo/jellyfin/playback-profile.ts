// What a client can play, as it tells PlaybackInfo, and what came of it. Pure.
import type { DirectPlayProfile } from './playback-decision.ts';

/** One answer of PlaybackInfo. `limitBps` is video + audio of the transcode, null in direct play. */
export type Negotiation = {
  readonly userId: string | null;
  readonly deviceId: string | null;
  readonly itemId: string;
  readonly playSessionId: string;
  readonly local: boolean;
  readonly method: 'DirectPlay' | 'Transcode' | 'refused';
  readonly limitBps: number | null;
};

export type Profile = {
  readonly maxBps: number | null;
  readonly directPlay: readonly DirectPlayProfile[];
  readonly container: string;
};

/** Null where the body has none: then nothing is decided. */
export function readProfile(body: Readonly<Record<string, unknown>>): Profile | null {
  const profile = body['DeviceProfile'];
  if (profile === null || typeof profile !== 'object') return null;
  const given = profile as Readonly<Record<string, unknown>>;
  const list = (value: unknown) =>
    Array.isArray(value) ? value.filter((entry) => entry !== null && typeof entry === 'object') : [];
  const maxBps = body['MaxStreamingBitrate'] ?? given['MaxStreamingBitrate'];
  const container: unknown = list(given['TranscodingProfiles'])[0]?.Container;
  return {
    maxBps: typeof maxBps === 'number' ? maxBps : null,
    directPlay: list(given['DirectPlayProfiles']) as DirectPlayProfile[],
    container: typeof container === 'string' ? container : 'ts',
  };
}
