// Running transcodes: begun by the first segment, found by device id, ended by Stopped, ActiveEncodings or silence.

import type { Dto } from './item-dto.ts';
import { reportedBitrate, type TranscodePlan } from './playback-decision.ts';

export type TranscodeJob = {
  readonly deviceId: string;
  readonly playSessionId: string;
  readonly itemId: string;
  readonly container: string;
  readonly plan: TranscodePlan;
  readonly runtimeMs: number;
  readonly startedAt: number;
  seenAt: number;
  /** /Sessions shows nothing until then. */
  hiddenUntil: number;
};

export type Transcodes = {
  start(job: Omit<TranscodeJob, 'startedAt' | 'seenAt' | 'hiddenUntil'>): void;
  /** A progress report keeps it going. */
  ping(playSessionId: string): void;
  has(playSessionId: string): boolean;
  /** Null ends all of the device. */
  kill(deviceId: string, playSessionId: string | null): void;
  /** Automated progress of a session that says DirectPlay clears what /Sessions shows, until ffmpeg reports again: it flickers. */
  flicker(deviceId: string): void;
  info(deviceId: string): Dto | null;
  /** Rate that was negotiated, of the newest job. */
  negotiatedBps(deviceId: string): number | null;
  expire(): void;
  forget(): void;
};

/** The real server kills a transcode 60 s after its last segment or ping. */
const silenceMs = 60_000;
const flickerMs = 300;

/** `now` in ms; any origin. */
export function createTranscodes(now: () => number): Transcodes {
  const jobs = new Map<string, TranscodeJob>();
  const newest = (deviceId: string) => [...jobs.values()].filter((job) => job.deviceId === deviceId).at(-1) ?? null;
  return {
    start(job) {
      const at = now();
      const running = jobs.get(job.playSessionId);
      if (running) running.seenAt = at;
      else jobs.set(job.playSessionId, { ...job, startedAt: at, seenAt: at, hiddenUntil: 0 });
    },
    ping(playSessionId) {
      const job = jobs.get(playSessionId);
      if (job) job.seenAt = now();
    },
    has: (playSessionId) => jobs.has(playSessionId),
    kill(deviceId, playSessionId) {
      for (const [id, job] of jobs)
        if (job.deviceId === deviceId && (playSessionId === null || id === playSessionId)) jobs.delete(id);
    },
    flicker(deviceId) {
      const job = newest(deviceId);
      if (job) job.hiddenUntil = now() + flickerMs;
    },
    info(deviceId) {
      const job = newest(deviceId);
      return job && now() >= job.hiddenUntil ? transcodingInfo(job, now()) : null;
    },
    negotiatedBps(deviceId) {
      const job = newest(deviceId);
      return job ? job.plan.videoBps + job.plan.audioBps : null;
    },
    expire() {
      for (const [id, job] of jobs) if (now() - job.seenAt > silenceMs) jobs.delete(id);
    },
    forget: () => jobs.clear(),
  };
}

function transcodingInfo(job: TranscodeJob, at: number): Dto {
  const { plan } = job;
  const encodedMs = (at - job.startedAt) * 4;
  return {
    AudioCodec: 'aac',
    VideoCodec: 'h264',
    Container: job.container,
    IsVideoDirect: plan.videoDirect,
    IsAudioDirect: plan.audioDirect,
    Bitrate: reportedBitrate(plan),
    Framerate: 103,
    CompletionPercentage: Math.min(100, (encodedMs / Math.max(1, job.runtimeMs)) * 100),
    Width: plan.width,
    Height: plan.height,
    AudioChannels: 2,
    HardwareAccelerationType: 'none',
    TranscodeReasons: plan.reasons,
  };
}
