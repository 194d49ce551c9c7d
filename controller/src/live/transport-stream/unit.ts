// What travels through the splicer: one frame of a source, and the same frame on the channel's time line. Pure.

/** One access unit with its TS packets as ffmpeg wrote them. Times 90 kHz ticks, unwrapped (may exceed 33 bits), relative to the source's own clock. */
export type Unit = {
  readonly kind: 'video' | 'audio';
  readonly pts: number;
  readonly dts: number;
  /** A video frame that decoding can begin with; each audio frame is one. */
  readonly key: boolean;
  /** Whole packets of 188 bytes, all of one PID, each with payload. One PES; for audio it holds one ADTS frame. */
  readonly packets: Uint8Array;
};

/** Ticks of the channel's time line, unwrapped. `bytes` are whole packets as viewers get them, with PAT and PMT before each video key frame. */
export type PlacedUnit = {
  readonly kind: 'video' | 'audio';
  readonly key: boolean;
  readonly pts: number;
  readonly dts: number;
  readonly bytes: Uint8Array;
};
