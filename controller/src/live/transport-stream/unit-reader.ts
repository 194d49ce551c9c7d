// Takes ffmpeg's MPEG-TS apart, in chunks of any size, into whole units in the order in which they begin. Pure.
import { splitAudio } from './audio-frames.ts';
import { append, begin, follows, isFull, type Lane, openLane } from './lane.ts';
import {
  adaptationFlags,
  at,
  counterOf,
  hasPayload,
  isStuffed,
  PACKET,
  pidOf,
  RANDOM_ACCESS,
  readTime,
  SYNC,
  startsUnit,
  unwrap,
} from './packet.ts';
import { readPat, readPmt, type SourceStreams } from './read-tables.ts';
import type { Unit } from './unit.ts';

export type UnitReader = {
  push(chunk: Uint8Array): readonly Unit[];
  /** What was still waiting. A unit that is cut off in its middle is dropped. */
  end(): readonly Unit[];
  /** A sentence when the bytes are no such stream. */
  problem(): string | null;
};

/** A unit that began; its place in the order is kept until it is whole. A broken one becomes none, an audio PES of several frames several. */
type Slot = { readonly lane: Lane; units: readonly Unit[] | null };

type Reading = {
  /** Bytes of a packet that is not whole yet, or that synchronisation is still sought in. */
  rest: Uint8Array;
  locked: boolean;
  /** Bytes without synchronisation since the last packet. */
  garbage: number;
  pmtPid: number | null;
  streams: SourceStreams | null;
  video: Lane | null;
  audio: Lane | null;
  readonly slots: Slot[];
  /** Of the whole units in `slots`. */
  waitingBytes: number;
  /** Sound that came before the first key frame: given out after it. */
  readonly early: Unit[];
  /** Of the last packet with payload. */
  last: Lane | null;
  /** The last time seen, without its wrap. */
  near: number | null;
  /** Frames are of no use until the next key frame: at the start, and after a loss. */
  needsKey: boolean;
  hasKey: boolean;
};

/** A packet is believed where two more follow at its distance. */
const LOCK = 3 * PACKET;
const MOST_GARBAGE = 2 ** 20;
/** Units, about 1.5 s of sound, and bytes that may wait for one that is not whole; after that it is taken for ended. */
const MOST_WAITING = 64;
const MOST_WAITING_BYTES = 4 * 2 ** 20;
/** About 2.7 s of sound. */
const MOST_EARLY = 128;

/**
 * Reads one source. Whatever is not its first H.264 and first AAC stream is left out, and so are units with lost packets; after a loss in
 * the picture everything up to the next key frame. Sound is given out frame by frame whatever `-pes_payload_size` was.
 */
export function createUnitReader(): UnitReader {
  const reading: Reading = {
    rest: new Uint8Array(0),
    locked: false,
    garbage: 0,
    pmtPid: null,
    streams: null,
    video: null,
    audio: null,
    slots: [],
    waitingBytes: 0,
    early: [],
    last: null,
    near: null,
    needsKey: true,
    hasKey: false,
  };
  return {
    push(chunk) {
      readPackets(reading, chunk);
      return ready(reading);
    },
    end() {
      reading.rest = new Uint8Array(0);
      for (const lane of [reading.video, reading.audio]) if (lane?.header) close(reading, lane, looksWhole(reading, lane));
      return ready(reading);
    },
    problem: () => problemOf(reading),
  };
}

function problemOf({ garbage, streams, locked }: Reading): string | null {
  if (!locked && garbage > MOST_GARBAGE) return 'it is no MPEG transport stream';
  if (streams === null) return null;
  const others = streams.others.map((type) => `0x${type.toString(16)}`).join(', ');
  const instead = others === '' ? '' : ` (stream types ${others})`;
  if (streams.video === null) return `it has no H.264 picture${instead}`;
  return streams.audio === null ? `it has no AAC sound${instead}` : null;
}

function readPackets(reading: Reading, chunk: Uint8Array): void {
  const bytes = reading.rest.length === 0 ? chunk : joined(reading.rest, chunk);
  let from = 0;
  for (; from + PACKET <= bytes.length; ) {
    if (reading.locked && at(bytes, from) === SYNC) {
      readPacket(reading, bytes, from);
      from += PACKET;
      continue;
    }
    if (reading.locked) loseLock(reading);
    if (from + LOCK > bytes.length) break;
    reading.locked = at(bytes, from) === SYNC && at(bytes, from + PACKET) === SYNC && at(bytes, from + 2 * PACKET) === SYNC;
    if (reading.locked) reading.garbage = 0;
    else {
      from++;
      reading.garbage++;
    }
  }
  // A copy: `slice` of a Node Buffer would be a view of it.
  reading.rest = new Uint8Array(bytes.subarray(from));
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function loseLock(reading: Reading): void {
  reading.locked = false;
  for (const lane of [reading.video, reading.audio]) if (lane !== null) lose(reading, lane);
}

function readPacket(reading: Reading, bytes: Uint8Array, from: number): void {
  const pid = pidOf(bytes, from);
  if (pid === reading.video?.pid) readInto(reading, reading.video, bytes, from);
  else if (pid === reading.audio?.pid) readInto(reading, reading.audio, bytes, from);
  else if (pid === 0) reading.pmtPid = readPat(bytes, from) ?? reading.pmtPid;
  else if (pid === reading.pmtPid) {
    const streams = readPmt(bytes, from);
    if (streams === null) return;
    reading.streams = streams;
    reading.video = laneFor(reading, 'video', streams.video);
    reading.audio = laneFor(reading, 'audio', streams.audio);
  }
}

/** The same lane while its PID is the same. */
function laneFor(reading: Reading, kind: 'video' | 'audio', pid: number | null): Lane | null {
  const lane = reading[kind];
  if (lane?.pid === pid) return lane;
  if (lane !== null) lose(reading, lane);
  return pid === null ? null : openLane(kind, pid);
}

function readInto(reading: Reading, lane: Lane, bytes: Uint8Array, from: number): void {
  if (!hasPayload(bytes, from)) return;
  const following = follows(lane, bytes, from);
  if (following === 'again') return;
  if (following === 'lost') lose(reading, lane);
  lane.counter = counterOf(bytes, from);
  reading.last = lane;
  if (startsUnit(bytes, from)) {
    if (lane.header !== null) close(reading, lane, lane.header.size === null);
    if (begin(lane, bytes, from)) reading.slots.push({ lane, units: null });
    else lose(reading, lane);
  } else if (lane.header !== null && !append(lane, bytes, from)) lose(reading, lane);
  if (isFull(lane)) close(reading, lane, true);
  const isLong = reading.slots.length > MOST_WAITING || reading.waitingBytes > MOST_WAITING_BYTES;
  const first = isLong ? reading.slots[0] : undefined;
  if (first?.units === null) close(reading, first.lane, looksWhole(reading, first.lane));
}

function lose(reading: Reading, lane: Lane): void {
  if (lane.kind === 'video') reading.needsKey = true;
  if (lane.header !== null) close(reading, lane, false);
}

/** Whether the open unit is all there, as far as can be told where nothing more of it comes: ffmpeg writes a PES in one piece. */
const looksWhole = ({ last }: Reading, lane: Lane): boolean =>
  lane.header?.size === null && (last !== lane || isStuffed(lane.bytes, lane.length - PACKET));

/** Ends the lane's open unit. */
function close(reading: Reading, lane: Lane, whole: boolean): void {
  const slot = reading.slots.findLast((each) => each.lane === lane && each.units === null);
  if (!whole && lane.kind === 'video') reading.needsKey = true;
  if (slot !== undefined) {
    slot.units = whole ? unitsOf(reading, lane) : [];
    for (const { packets } of slot.units) reading.waitingBytes += packets.length;
  }
  lane.header = null;
}

function unitsOf(reading: Reading, lane: Lane): readonly Unit[] {
  const { header, kind } = lane;
  if (header === null) return [];
  const packets = lane.bytes.slice(0, lane.length);
  const rawPts = readTime(packets, header.ptsAt);
  const rawDts = header.dtsAt === null ? rawPts : readTime(packets, header.dtsAt);
  const dts = unwrap(rawDts, reading.near ?? rawDts);
  const pts = unwrap(rawPts, dts);
  reading.near = dts;
  if (kind === 'audio')
    return splitAudio(packets, header.dataAt, pts).map((frame) => {
      const ticks = pts + frame.afterTicks;
      return { kind, pts: ticks, dts: ticks, key: true, packets: frame.packets };
    });
  const key = (adaptationFlags(packets, 0) & RANDOM_ACCESS) !== 0;
  if (reading.needsKey && !key) return [];
  reading.needsKey = false;
  return [{ kind, pts, dts, key, packets }];
}

/** The units that nothing before them is waiting any more. */
function ready(reading: Reading): readonly Unit[] {
  const { slots, early } = reading;
  const units: Unit[] = [];
  let count = 0;
  for (; slots[count]?.units; count++)
    for (const unit of slots[count]?.units ?? []) {
      reading.waitingBytes -= unit.packets.length;
      if (unit.kind === 'audio' && !reading.hasKey) {
        early.push(unit);
        if (early.length > MOST_EARLY) early.shift();
        continue;
      }
      units.push(unit);
      if (reading.hasKey) continue;
      reading.hasKey = true;
      units.push(...early.splice(0));
    }
  slots.splice(0, count);
  return units;
}
