// Joins the units of one source after another into one time line that never breaks: time stamps, PCR and counters are the channel's. Pure.
import { PACKET } from './packet.ts';
import type { Counters } from './skip-mark.ts';
import { carriesClock, stampPackets, writeClockPacket } from './stamp.ts';
import { AUDIO_PID, TABLES, VIDEO_PID, writeTables } from './tables.ts';
import type { PlacedUnit, Unit } from './unit.ts';

export type SplicerOptions = {
  /** Of one picture, 90 kHz; may be a fraction: 3753.75 for 24000/1001. */
  readonly frameTicks: number;
  /** Of one AAC frame: 1920 at 48 kHz, 2089.79… at 44.1. */
  readonly audioFrameTicks: number;
  /** Where the time line begins. 63000 or more, so that no PCR lies before 0. */
  readonly startTicks: number;
};

export type Splicer = {
  /**
   * The next units come from a new source. Its first key frame is placed at `atTicks`, or where the picture before it ends if that is later,
   * so that no frame overlaps and both streams' DTS rise. What comes before that key frame is dropped, and so is sound that would begin
   * before it or overlap: less than one frame of it is lost. `sourceTicks` is the time on the source's clock that belongs at `atTicks`:
   * a key frame later in the source lands later by as much.
   */
  cut(atTicks: number, sourceTicks?: number): void;
  /**
   * The running source ends at `ticks`: pictures from there on are dropped, and sound from where the last picture ends. With B-frames the
   * picture that those before `ticks` depend on is kept, so the source may end up to MOST_REORDER frames later, but without a hole.
   */
  until(ticks: number): void;
  /** Whether everything before `until` has been placed, so that nothing is lost by cutting now. Never where the source itself is shorter. */
  reachedUntil(): boolean;
  /** The unit on the time line; null where it is dropped. Units come in the source's multiplex order. */
  place(unit: Unit): PlacedUnit | null;
  /** Where `place` would put this key frame, without placing it. */
  wouldPlace(unit: Unit): number;
  /** End of the last placed picture in presentation order. */
  endTicks(): number;
  /** Of the last cut: ticks between the end of the last picture before and the first after it; 0 is seamless. */
  lastGapTicks(): number;
  /** Those of the next packets: a mark before a skip needs them. */
  counters(): Counters;
};

/** A PCR stands this far before the DTS that comes with it: sound that the source multiplexed later is still in time. */
const PCR_LEAD = 18_000;
/** And never further: decoders need not hold more than 1 s (ISO/IEC 13818-1 §2.4.2.6). */
const MOST_PCR_LEAD = 63_000;
/** The standard wants a PCR each 100 ms; ffmpeg 5 writes one with every other picture of 25 a second, and then none is added. */
const PCR_EVERY = 5_400;
const MOST_PCR_STEP = 8_100;
/** H.264 lets a picture be shown at most 16 pictures after it was decoded. */
const MOST_REORDER = 16;

type Joint = { readonly atTicks: number; readonly sourceTicks: number | null };

type State = SplicerOptions & {
  /** A cut whose key frame has not come yet. */
  joint: Joint | null;
  /** Added to a source's time. */
  offset: number;
  /** Of the running source's first picture, on the time line. */
  firstPts: number;
  /** How far its DTS lie before its PTS in decoding order without B-frames between. */
  delay: number;
  /** Where it is to end. */
  limit: number;
  videoClosed: boolean;
  audioClosed: boolean;
  /** Whether sound of the running source was placed. */
  heard: boolean;
  lastDts: number;
  lastPts: number;
  videoEnd: number;
  lastAudio: number;
  audioEnd: number;
  gap: number;
  /** Last PCR that was sent, 27 MHz. */
  clock: number;
  readonly counters: { -readonly [pid in keyof Counters]: Counters[pid] };
};

export function createSplicer(options: SplicerOptions): Splicer {
  const state: State = {
    ...options,
    joint: { atTicks: options.startTicks, sourceTicks: null },
    offset: 0,
    firstPts: 0,
    delay: 0,
    limit: Number.POSITIVE_INFINITY,
    videoClosed: false,
    audioClosed: false,
    heard: false,
    lastDts: Number.NEGATIVE_INFINITY,
    lastPts: Number.NEGATIVE_INFINITY,
    videoEnd: options.startTicks,
    lastAudio: Number.NEGATIVE_INFINITY,
    audioEnd: Number.NEGATIVE_INFINITY,
    gap: 0,
    clock: Number.NEGATIVE_INFINITY,
    counters: { pat: 0, pmt: 0, video: 0, audio: 0 },
  };
  return {
    cut(atTicks, sourceTicks) {
      state.joint = { atTicks, sourceTicks: sourceTicks ?? null };
      state.limit = Number.POSITIVE_INFINITY;
    },
    until(ticks) {
      state.limit = ticks;
    },
    reachedUntil: () => state.videoClosed && (state.audioClosed || state.audioEnd > audioLimit(state) - 1),
    place: (unit) => (unit.kind === 'video' ? placeVideo(state, unit) : placeAudio(state, unit)),
    wouldPlace: (unit) => (state.joint === null ? unit.pts + state.offset : landing(state, state.joint, unit)),
    endTicks: () => state.videoEnd,
    lastGapTicks: () => state.gap,
    counters: () => ({ ...state.counters }),
  };
}

/** Time stamps are whole ticks; a frame whose length is a fraction may begin up to a tick before the one before it ends. */
const landing = ({ videoEnd }: State, { atTicks, sourceTicks }: Joint, { pts }: Unit): number =>
  Math.max(Math.round(atTicks + (sourceTicks === null ? 0 : Math.max(0, pts - sourceTicks))), Math.floor(videoEnd));

function join(state: State, joint: Joint, unit: Unit): void {
  const pts = landing(state, joint, unit);
  state.gap = state.lastPts === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, Math.round(pts - state.videoEnd));
  state.joint = null;
  state.offset = pts - unit.pts;
  state.firstPts = pts;
  state.delay = unit.pts - unit.dts;
  state.heard = false;
  state.videoClosed = false;
  state.audioClosed = false;
}

function placeVideo(state: State, unit: Unit): PlacedUnit | null {
  if (state.joint !== null) {
    if (!unit.key) return null;
    join(state, state.joint, unit);
  }
  const pts = unit.pts + state.offset;
  // B-frames that lead the first key frame need frames from before it. It was decoded earlier by each of them.
  if (pts < state.firstPts) state.delay -= state.frameTicks;
  if (state.videoClosed || pts < state.firstPts) return null;
  if (isBeyond(state, unit, pts)) {
    state.videoClosed = true;
    return null;
  }
  // Where this source's DTS lie further before its PTS than the last one's, the first few are set closer; none passes its PTS.
  const dts = Math.max(unit.dts + state.offset, state.lastDts + 1);
  if (dts > pts) return null;
  const bytes = videoBytes(state, unit, pts, dts);
  state.lastDts = dts;
  state.lastPts = Math.max(state.lastPts, pts);
  state.videoEnd = state.lastPts + state.frameTicks;
  return { kind: 'video', key: unit.key, pts, dts, bytes };
}

/** Whether the running source has come to its end with this picture. */
function isBeyond({ limit, lastPts, videoEnd, delay, frameTicks }: State, unit: Unit, pts: number): boolean {
  if (pts <= limit - 1 || pts < lastPts) return false;
  // A picture that is decoded before others which are shown before it: they need it.
  const isAhead = unit.pts - unit.dts > delay + frameTicks / 2;
  return !isAhead || videoEnd > limit - 1 || pts > limit + MOST_REORDER * frameTicks;
}

function videoBytes(state: State, unit: Unit, pts: number, dts: number): Uint8Array {
  const { counters } = state;
  const clock = nextClock(state, dts);
  const ownClock = !carriesClock(unit.packets) && (unit.key || clock - state.clock >= PCR_EVERY * 300);
  const tables = unit.key ? TABLES : 0;
  const head = tables + (ownClock ? PACKET : 0);
  const bytes = new Uint8Array(head + unit.packets.length);
  if (unit.key) {
    writeTables(bytes, 0, counters);
    counters.pat = (counters.pat + 1) & 0x0f;
    counters.pmt = (counters.pmt + 1) & 0x0f;
  }
  if (ownClock) writeClockPacket(bytes, tables, { pid: VIDEO_PID, counter: counters.video - 1, clock });
  bytes.set(unit.packets, head);
  const last = stampPackets(bytes, head, { pid: VIDEO_PID, counter: counters.video, pts, dts, clock });
  counters.video = (counters.video + unit.packets.length / PACKET) & 0x0f;
  if (ownClock || last > clock) state.clock = last;
  return bytes;
}

/** 27 MHz. Rises with every picture by a tick of 90 kHz or more, as the DTS do, and so stays before them; before the next sound's, too. */
function nextClock({ clock, heard, firstPts, lastAudio, audioFrameTicks }: State, dts: number): number {
  const ending = Math.floor(lastAudio + audioFrameTicks);
  const nextAudio = heard ? ending : Math.max(firstPts, ending);
  const wished = Math.min(dts, nextAudio) - PCR_LEAD;
  // Where sound that was late comes at once, the PCR does not leap after it.
  const next = clock === Number.NEGATIVE_INFINITY ? wished : Math.min(wished, Math.floor(clock / 300) + MOST_PCR_STEP);
  const ticks = Math.max(dts - MOST_PCR_LEAD, next);
  return Math.max(ticks * 300, clock + 300);
}

/** Where sound of the running source ends: with its last picture, the first that ends at or after the limit. */
function audioLimit({ limit, videoEnd, frameTicks }: State): number {
  if (limit === Number.POSITIVE_INFINITY) return limit;
  return videoEnd + Math.max(0, Math.ceil((limit - videoEnd - 1) / frameTicks)) * frameTicks;
}

function placeAudio(state: State, unit: Unit): PlacedUnit | null {
  if (state.joint !== null) return null;
  const pts = unit.pts + state.offset;
  if (pts > audioLimit(state) - 1) {
    state.audioClosed = true;
    return null;
  }
  const from = state.heard ? state.lastAudio + 1 : Math.max(state.firstPts, Math.floor(state.audioEnd));
  if (pts < from) return null;
  const bytes = new Uint8Array(unit.packets);
  stampPackets(bytes, 0, { pid: AUDIO_PID, counter: state.counters.audio, pts, dts: pts, clock: 0 });
  state.counters.audio = (state.counters.audio + bytes.length / PACKET) & 0x0f;
  state.heard = true;
  state.lastAudio = pts;
  state.audioEnd = pts + state.audioFrameTicks;
  return { kind: 'audio', key: unit.key, pts, dts: pts, bytes };
}
