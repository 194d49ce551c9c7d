// One WAN line as a function of time: offered traffic, what the shaper lets through, and cake's counters. Pure: the caller says how late it is.

export type SimulatedLine = {
  /** What the home wants to send and fetch, bit/s. */
  setOffered(upBps: number, downBps: number, nowS: number): void;
  /** The rate in force, kbit/s; 0 is unshaped. A reload of SQM builds new qdiscs, so their counters start at 0. */
  setLive(upKbit: number, downKbit: number, nowS: number): void;
  /** As `tc qdisc change` does: the queue and its counters stay. kbit/s. */
  changeLive(upKbit: number, nowS: number): void;
  /** What the home wants to send, and the rates in force; kbit/s. */
  now(): { readonly offeredKbit: number; readonly upKbit: number; readonly downKbit: number };
  resetCounters(nowS: number): void;
  read(nowS: number): LineReading;
};

type Direction = { readonly bytes: number; readonly qdisc: QueueReading };
export type LineReading = { readonly up: Direction; readonly down: Direction };

export type QueueReading = {
  readonly rateKbit: number;
  readonly bytes: number;
  readonly packets: number;
  readonly drops: number;
  readonly backlog: number;
  readonly avgDelayUs: number;
};

const PACKET = 1250;
/** cake holds the delay near its 5 ms target while the queue is full. */
const FULL_DELAY_US = 6_000;
const LINE_BPS = 1_000_000_000;

type State = {
  offeredBps: number;
  liveKbit: number;
  bytes: number;
  qBytes: number;
  drops: number;
  fullS: number;
  delayUs: number;
};

export function createSimulatedLine(startS: number): SimulatedLine {
  const up: State = { offeredBps: 0, liveKbit: 0, bytes: 0, qBytes: 0, drops: 0, fullS: 0, delayUs: 0 };
  const down: State = { ...up };
  let atS = startS;
  const advance = (nowS: number): void => {
    const seconds = Math.max(0, nowS - atS);
    atS = Math.max(atS, nowS);
    for (const one of [up, down]) flow(one, seconds);
  };
  return {
    setOffered(upBps, downBps, nowS) {
      advance(nowS);
      up.offeredBps = upBps;
      down.offeredBps = downBps;
    },
    setLive(upKbit, downKbit, nowS) {
      advance(nowS);
      for (const [one, kbit] of [
        [up, upKbit],
        [down, downKbit],
      ] as const)
        Object.assign(one, { liveKbit: kbit, qBytes: 0, drops: 0, fullS: 0, delayUs: 0 });
    },
    changeLive(upKbit, nowS) {
      advance(nowS);
      up.liveKbit = upKbit;
    },
    now: () => ({ offeredKbit: up.offeredBps / 1000, upKbit: up.liveKbit, downKbit: down.liveKbit }),
    resetCounters(nowS) {
      advance(nowS);
      for (const one of [up, down]) one.bytes = 0;
    },
    read(nowS) {
      advance(nowS);
      return { up: told(up), down: told(down) };
    },
  };
}

function flow(one: State, seconds: number): void {
  const limitBps = one.liveKbit === 0 ? LINE_BPS : one.liveKbit * 1000;
  const bytes = (Math.min(one.offeredBps, limitBps) * seconds) / 8;
  one.bytes += bytes;
  one.qBytes += bytes;
  const full = one.liveKbit > 0 && one.offeredBps >= limitBps * 0.98;
  one.fullS = full ? one.fullS + seconds : 0;
  if (full) one.drops += seconds * 3;
  // The delay stands still when nothing passes: that is cake's trap, and it stays one here.
  if (bytes > 0) one.delayUs = full ? FULL_DELAY_US * (1 - Math.exp(-one.fullS)) : 40;
}

const told = (one: State): Direction => ({
  bytes: Math.floor(one.bytes),
  qdisc: {
    rateKbit: one.liveKbit,
    bytes: Math.floor(one.qBytes),
    packets: Math.floor(one.qBytes / PACKET),
    drops: Math.floor(one.drops),
    backlog: one.fullS > 0 ? Math.floor(9_084 * (1 - Math.exp(-one.fullS))) : 0,
    avgDelayUs: Math.round(one.delayUs),
  },
});
