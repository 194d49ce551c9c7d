// What the channels feature is to the rest of the program: what it needs, and what it offers.
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import type { Catalogue, ShelfState } from './catalogue.ts';
import type { CatalogueItem } from './catalogue-item.ts';
import type { StoredChannel } from './channel-store.ts';
import type { CreateBody, UpdateBody } from './channels-api.ts';
import type { Job } from './nightly-job.ts';
import type { ChannelStores } from './open-channel-stores.ts';
import type { AgreeOnCopy, SourceOf } from './plan-steps.ts';
import type { ProbeItem } from './probe-items.ts';
import type { ScheduleEntry } from './schedule-entry.ts';
import type { EntryBody, EntryChange } from './schedules-api.ts';

/** An event as notify/ takes it. */
export type ChannelEvent = {
  readonly type:
    | 'channel_added'
    | 'channel_changed'
    | 'channel_removed'
    | 'channel_unplanned'
    | 'items_swapped'
    | 'channel_skipped';
  readonly severity: 'info' | 'warning';
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
};

export type ChannelsDeps = {
  readonly stores: ChannelStores;
  readonly catalogue: Catalogue;
  readonly media: { readonly sourceOf: SourceOf; readonly agreeOnCopy: AgreeOnCopy; readonly probeItem: ProbeItem };
  readonly home: {
    /** IANA zone */
    readonly timeZone: string;
    /** False: nothing is extended or probed by itself. */
    readonly scheduler: boolean;
    /** Names of the Jellyfin servers. */
    readonly servers: readonly string[];
    /** There is a folder of clips on this machine (CLIPS_FOLDER). */
    readonly hasClips?: boolean;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (event: ChannelEvent) => void;
};

/** How a channel's schedule stands. */
export type ScheduleState = {
  /** End of the last automatic entry, UTC ms; null where there is none. */
  readonly throughMs: number | null;
  /** Why it could not be made or extended; null where it could. */
  readonly problem: string | null;
};

export type OnNow = { readonly entry: ScheduleEntry; readonly next: ScheduleEntry | null };

export type Preview = { readonly seed: number; readonly startMs: number; readonly entries: readonly ScheduleEntry[] };

export type Channels = {
  /** Ordered by number. */
  all(): readonly StoredChannel[];
  /** @throws ControllerError not_found */
  get(id: number): StoredChannel;
  state(id: number): ScheduleState;
  /** With its schedule. A media server that is down leaves a channel without one, `state().problem` says so. @throws ControllerError input_invalid, conflict, storage_failed */
  create(body: CreateBody): Promise<StoredChannel>;
  /** @throws as create, not_found */
  update(id: number, body: UpdateBody): Promise<StoredChannel>;
  /** @throws ControllerError not_found */
  remove(id: number): Promise<void>;
  /** What `create` would plan with this seed from this moment. @throws ControllerError upstream_… */
  preview(body: CreateBody, days: number): Promise<Preview>;
  /** Appends so many days, or plans them anew, a week at least. Answers how many entries came. @throws ControllerError not_found, input_invalid, upstream_… */
  generate(id: number, how: { readonly days: number; readonly reset: boolean }): Promise<number>;
  /** Entries that overlap [fromMs, toMs). */
  entries(id: number, fromMs: number, toMs: number): Promise<readonly ScheduleEntry[]>;
  lastAired: ChannelStores['schedule']['lastAired'];
  /** What was read of the libraries before is in memory. Never rejects. */
  loaded(): Promise<void>;
  /** UTC ms; by the clock that the schedule goes by. */
  time(): number;
  /** Null in a gap. */
  now(id: number): Promise<OnNow | null>;
  item(of: { readonly server: string; readonly id: string }): CatalogueItem | null;
  /** @throws ControllerError input_invalid naming the key */
  addEntry(body: EntryBody): Promise<ScheduleEntry>;
  /** @throws ControllerError not_found */
  entry(entryId: string): Promise<ScheduleEntry>;
  changeEntry(entryId: string, body: EntryChange): Promise<ScheduleEntry>;
  /** @throws ControllerError not_found */
  removeEntry(entryId: string): Promise<void>;
  /** The next programme at once, for all viewers. @throws ControllerError not_found in a gap, conflict where slots fix the times and `force` is not set */
  skip(id: number, force: boolean): Promise<OnNow | null>;
  /** For the stream process: gap-free from `fromMs` on, some 3 h. @throws ControllerError not_found */
  steps(id: number, fromMs: number): Promise<readonly PlanStep[]>;
  /** Called when a channel's table differs from `fromMs` on. Answers with a function that ends it. */
  onScheduleChange(listener: (channelId: number, fromMs: number) => void): () => void;
  /** Called when a channel came, went or was changed. */
  onChannelChange(listener: (channelId: number) => void): () => void;
  catalogue(): readonly ShelfState[];
  jobs(): readonly Job[];
  /** Tops every channel up; `refresh` reads the libraries anew first. Never rejects. */
  topUp(refresh: boolean): Promise<void>;
  /** A media server answers again: what could not be read or planned is tried at once. Never rejects. */
  serverBack(server: string): Promise<void>;
  /** Start, nights, and the end with the signal. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};
