// What Jellyfin decides at PlaybackInfo with a device profile (facts/jellyfin.md §4 RemoteClientBitrateLimit, §10 Limits, §12). Pure.

export type MediaSource = {
  readonly container: string;
  readonly videoCodec: string;
  readonly audioCodec: string;
  readonly videoBps: number;
  readonly audioBps: number;
  /** Of the container: what a limit is compared with. */
  readonly bitrateBps: number;
  readonly width: number;
  readonly height: number;
  /** HTTP sources are exempt from the limit. */
  readonly isRemote: boolean;
};

export type DirectPlayProfile = { readonly Container?: string; readonly VideoCodec?: string; readonly AudioCodec?: string };

export type PlaybackQuestion = {
  readonly source: MediaSource;
  readonly directPlay: readonly DirectPlayProfile[];
  readonly clientMaxBps: number | null;
  readonly userLimitBps: number;
  readonly serverLimitBps: number;
  readonly local: boolean;
  readonly mayTranscode: boolean;
};

export type TranscodePlan = {
  readonly videoBps: number;
  readonly audioBps: number;
  readonly videoDirect: boolean;
  readonly audioDirect: boolean;
  readonly width: number;
  readonly height: number;
  readonly reasons: readonly string[];
};

export type PlaybackDecision = { readonly directPlay: boolean; readonly transcode: TranscodePlan | null };

/** The user's own limit if > 0, else the server's if > 0, else none; −1 is none. Only for who is not local. */
export function remoteLimit(question: Pick<PlaybackQuestion, 'userLimitBps' | 'serverLimitBps' | 'local'>): number | null {
  if (question.local) return null;
  if (question.userLimitBps > 0) return question.userLimitBps;
  return question.serverLimitBps > 0 ? question.serverLimitBps : null;
}

/** Seen with jellyfin-web: 5 Mbit/s 1080p, 1 to 4 Mbit/s 720p, 300 k 432p, 100 k 234p. Never larger than the source. */
export function pictureFor(videoBps: number, source: MediaSource): { readonly width: number; readonly height: number } {
  const steps = [
    { above: 4_500_000, width: 1920, height: 1080 },
    { above: 600_000, width: 1280, height: 720 },
    { above: 150_000, width: 768, height: 432 },
    { above: 0, width: 416, height: 234 },
  ];
  const step = steps.find((candidate) => videoBps > candidate.above);
  return !step || step.height >= source.height
    ? { width: source.width, height: source.height }
    : { width: step.width, height: step.height };
}

function has(list: string | undefined, name: string): boolean {
  return list === undefined || list === '' || list.split(',').some((entry) => entry.trim().toLowerCase() === name);
}

function planTranscode(source: MediaSource, maxBps: number | null, reasons: readonly string[]): TranscodePlan {
  const tooMuch = reasons.includes('ContainerBitrateExceedsLimit');
  // At 300 k and 100 k the real server asks for 128 k of audio and at least 64 k of video: a floor of 192 k that no limit gets below.
  const audioLimit = tooMuch && maxBps !== null && maxBps <= 640_000 ? 128_000 : Number.POSITIVE_INFINITY;
  const audioDirect = source.audioBps <= audioLimit && !reasons.includes('AudioCodecNotSupported');
  const audioBps = Math.min(source.audioBps, audioLimit);
  const videoDirect = !tooMuch && !reasons.includes('VideoCodecNotSupported');
  const videoBps = tooMuch && maxBps !== null ? Math.max(64_000, maxBps - audioBps) : source.videoBps;
  const picture = videoDirect ? { width: source.width, height: source.height } : pictureFor(videoBps, source);
  return { videoBps, audioBps, videoDirect, audioDirect, ...picture, reasons };
}

/** Direct play unless container, codecs or rate forbid it; then a transcode or remux, or nothing where the user may not transcode. */
export function decidePlayback(question: PlaybackQuestion): PlaybackDecision {
  const { source } = question;
  const limit = source.isRemote ? null : remoteLimit(question);
  const maxBps = limit === null ? question.clientMaxBps : Math.min(limit, question.clientMaxBps ?? limit);
  const fits = (want: (profile: DirectPlayProfile) => boolean) => question.directPlay.some(want);
  const reasons: string[] = [];
  if (!fits((profile) => source.container.split(',').some((name) => has(profile.Container, name))))
    reasons.push('ContainerNotSupported');
  if (!fits((profile) => has(profile.VideoCodec, source.videoCodec))) reasons.push('VideoCodecNotSupported');
  if (!fits((profile) => has(profile.AudioCodec, source.audioCodec))) reasons.push('AudioCodecNotSupported');
  if (maxBps !== null && source.bitrateBps > maxBps) reasons.push('ContainerBitrateExceedsLimit');
  if (reasons.length === 0) return { directPlay: true, transcode: null };
  return { directPlay: false, transcode: question.mayTranscode ? planTranscode(source, maxBps, reasons) : null };
}

/** TranscodingInfo.Bitrate: copied audio is counted at 256 k, so it says about the limit + 128 k. */
export function reportedBitrate(plan: Pick<TranscodePlan, 'videoBps' | 'audioBps' | 'audioDirect'>): number {
  return plan.videoBps + (plan.audioDirect ? 256_000 : plan.audioBps);
}
