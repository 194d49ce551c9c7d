// What one viewer gets before the key frame that it is skipped forward to, so that its player takes the jump for meant. Pure.
import { counterOf, DISCONTINUITY, hasPayload, PACKET, pidOf, SYNC } from './packet.ts';
import { AUDIO_PID, TABLES, VIDEO_PID, writeTables } from './tables.ts';

/** Continuity counters of the next packets with payload, by PID. */
export type Counters = { readonly pat: number; readonly pmt: number; readonly video: number; readonly audio: number };

/** Those that a key frame's unit begins with (PAT, PMT, perhaps a PCR alone, video); the sound's is the caller's. */
export function countersAt(keyUnit: Uint8Array, audio: number): Counters {
  // A packet without payload has the counter of the last one with payload, one less than the next.
  const video = counterOf(keyUnit, TABLES) + (hasPayload(keyUnit, TABLES) ? 0 : 1);
  return { pat: counterOf(keyUnit, 0), pmt: counterOf(keyUnit, PACKET), video: video & 0x0f, audio };
}

/**
 * PAT and PMT, then a packet without payload for picture and sound, all with discontinuity_indicator: such a packet's counter may be any
 * (ISO/IEC 13818-1 §2.4.3.4), and the next one of its PID is expected to be one more, or for one without payload, the next with payload.
 * So each carries the counter before the next one, and nothing that all viewers share has to change. On the picture's PID, which
 * carries the PCR, it also says that the clock jumps.
 */
export function skipMark(next: Counters): Uint8Array {
  const bytes = new Uint8Array(TABLES + 2 * PACKET).fill(0xff);
  writeTables(bytes, 0, { pat: next.pat - 1, pmt: next.pmt - 1 }, true);
  writeBreak(bytes, TABLES, VIDEO_PID, next.video - 1);
  writeBreak(bytes, TABLES + PACKET, AUDIO_PID, next.audio - 1);
  return bytes;
}

/**
 * The mark before `following`, which begins with a key frame's unit. Where no sound is in it yet, the next one's counter is `audio`
 * (the splicer's `counters().audio`, when everything placed is in `following`).
 */
export function skipMarkBefore(following: readonly Uint8Array[], audio: number): Uint8Array {
  const [first] = following;
  if (first === undefined) return new Uint8Array(0);
  for (const bytes of following)
    for (let from = 0; from < bytes.length; from += PACKET)
      if (pidOf(bytes, from) === AUDIO_PID) return skipMark(countersAt(first, counterOf(bytes, from)));
  return skipMark(countersAt(first, audio));
}

const writeBreak = (bytes: Uint8Array, from: number, pid: number, counter: number): void =>
  bytes.set([SYNC, pid >> 8, pid & 0xff, 0x20 | (counter & 0x0f), PACKET - 5, DISCONTINUITY], from);
