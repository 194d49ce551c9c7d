// What the controller and its stream process say to each other over Node's IPC. JSON both ways; a viewer's socket travels with `viewer`.
import type { LogFields, LogLevel } from '../log.ts';
import type { Picture, Watermark } from './picture.ts';
import type { PlanStep } from './plan-step.ts';

/** How the stream process works; sent first, and again when it changes (only new sessions follow). */
export type LiveSettings = {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  readonly acceleration: 'software' | 'vaapi' | 'qsv' | 'nvenc' | 'v4l2';
  /** For vaapi and qsv: /dev/dri/renderD128. */
  readonly device: string | null;
  /** Where slates are kept over restarts; made if absent. */
  readonly slateFolder: string;
  /** A font for cards; null leaves the choice to fontconfig. */
  readonly font: string | null;
  /** A session without viewers ends after this. */
  readonly idleStopMs: number;
  /** More are refused with 503. */
  readonly maxSessions: number;
  readonly maxViewers: number;
  /** IANA; for times of day on cards. Absent: the machine's own. */
  readonly zone?: string;
};

/** What a session plays with. Changing it ends no session; the next one has it. */
export type ChannelLook = {
  readonly channel: string;
  readonly name: string;
  readonly picture: Picture;
  readonly watermark: Watermark | null;
};

export type ViewerFacts = {
  /** Unique for ever. */
  readonly id: string;
  readonly channel: string;
  /** Name of the token or log-in; for status and logs. */
  readonly consumer: string;
  readonly address: string;
  readonly userAgent: string | null;
  /** HTTP/1.0 clients and HEAD get no body framing; the host writes the whole answer head. */
  readonly method: 'GET' | 'HEAD';
};

export type ToLive =
  | { readonly type: 'settings'; readonly settings: LiveSettings }
  /** Slates for these are made ready before anybody tunes in. Whole list; sent at start and at each change. */
  | { readonly type: 'looks'; readonly looks: readonly ChannelLook[] }
  /** Takes the socket that comes with it. `steps` hold now and the next ones, oldest first. `slateOnly` is a pre-warm: no ffmpeg. */
  | { readonly type: 'viewer'; readonly viewer: ViewerFacts; readonly steps: readonly PlanStep[]; readonly slateOnly: boolean }
  /** Answer to `wants-plan`, and unasked when a running channel's table changed: what stands from `fromMs` on. */
  | { readonly type: 'plan'; readonly channel: string; readonly fromMs: number; readonly steps: readonly PlanStep[] }
  | { readonly type: 'end-viewer'; readonly id: string }
  /** Ends its session and every viewer: the channel is gone or switched off. */
  | { readonly type: 'end-channel'; readonly channel: string };

export type FromLive =
  /** Slates of all looks are in memory. */
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly level: LogLevel; readonly fields: LogFields; readonly text: string }
  /** The plan ends within 2 min. `fromMs` is where the known one ends. */
  | { readonly type: 'wants-plan'; readonly channel: string; readonly fromMs: number }
  | { readonly type: 'viewer-ended'; readonly id: string; readonly reason: string; readonly bytes: number }
  /** Each 2 s while anybody watches, and once when nobody does any more. */
  | { readonly type: 'sessions'; readonly sessions: readonly LiveSession[] }
  /** A process began or ended, so that none outlives a stream process that was killed. */
  | { readonly type: 'process'; readonly pid: number; readonly state: 'began' | 'ended' }
  /** An item that could not be played to its end; the card stands in its place. */
  | { readonly type: 'item-failed'; readonly channel: string; readonly entryId: string; readonly reason: string };

export type LiveSession = {
  readonly channel: string;
  readonly startedMs: number;
  readonly entryId: string | null;
  /** What viewers see now. */
  readonly showing: 'programme' | 'slate' | 'card';
  /** Request to first programme key frame of the session's start; null until then. */
  readonly tuneInMs: number | null;
  /** Schedule minus live edge; positive is late. */
  readonly driftMs: number;
  /** Of the last boundary: media time between the last frame of one and the first of the next, less one frame. */
  readonly lastGapMs: number | null;
  readonly boundaries: number;
  /** Media seconds made per second, of the running ffmpeg before pacing holds it; null where not measured. */
  readonly speed: number | null;
  readonly restarts: number;
  readonly viewers: readonly {
    readonly id: string;
    readonly consumer: string;
    readonly address: string;
    readonly sinceMs: number;
    readonly bytes: number;
    /** Mean of the last 2 s. */
    readonly bps: number;
    /** How often it was too slow and was skipped forward. */
    readonly skips: number;
  }[];
};
