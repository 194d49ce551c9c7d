// Asks the router for SQM and says it of each WAN: when it changed, else every 10 s.
import type { SqmState } from '@headgate/protocol';
import { isCode, messageOf } from '../errors.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../ground/log.ts';
import type { Publisher } from '../ground/publisher.ts';
import type { RateTool } from '../router/rate-tool.ts';
import type { Router } from '../router/router.ts';
import type { Wan } from '../telemetry/choose-wans.ts';
import { type SqmSnapshot, sqmOfWan } from '../telemetry/sqm-of-wan.ts';
import { rootQdiscs } from '../telemetry/sqm-parse.ts';

type Deps = {
  readonly name: string;
  readonly router: Router;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Log;
  /** True where a lease of ours stands on that WAN. */
  readonly isOurs: (wan: string) => boolean;
  /** Another tool sets the rate; called at each look that finds it so. */
  readonly onRateTool: (tool: RateTool) => Promise<void>;
};

export type SqmWatch = {
  /** @throws AgentError when the router cannot be asked; a missing grant is told once and is no error */
  readonly look: (wans: readonly Wan[]) => Promise<void>;
  /** One of these upload rates is near what its shaper had at the last look: whether the queue fills is worth a look now. */
  readonly isNearFull: (upBps: ReadonlyMap<string, number>) => boolean;
};

const SAY_EVERY_MS = 10_000;
/** Of the shaper's rate; a little below where it counts as full. */
const NEAR_FULL = 0.85;

export function createSqmWatch({ name, router, publisher, clock, log, isOurs, onRateTool }: Deps): SqmWatch {
  let before: SqmSnapshot | undefined;
  let problem: string | undefined;
  const said = new Map<string, { readonly gist: string; readonly atMs: number }>();
  const shapers = new Map<string, number>();

  const read = async (): Promise<SqmSnapshot | undefined> => {
    try {
      const { sections, qdiscs, rateTool } = await router.sqm();
      if (problem !== undefined) log.info({}, 'SQM can be read again');
      problem = undefined;
      return { clockS: clock.monotonic() / 1000, sections, roots: rootQdiscs(qdiscs), rateTool };
    } catch (error) {
      if (!isCode(error, 'denied') && !isCode(error, 'bad_answer')) throw error;
      if (messageOf(error) !== problem) log.warn({ problem: messageOf(error) }, 'SQM cannot be read; the rates go on');
      problem = messageOf(error);
      return undefined;
    }
  };

  return {
    async look(wans) {
      const now = await read();
      if (now === undefined) return;
      if (now.rateTool) await onRateTool(now.rateTool);
      for (const wan of wans) {
        const state = sqmOfWan(wan, now, before, isOurs(wan.name));
        shapers.set(wan.name, state.up?.live_bps ?? Number.POSITIVE_INFINITY);
        const gist = gistOf(state);
        const last = said.get(wan.name);
        // Half a second of grace, since the beat of the readings is no multiple of 10 s to the millisecond.
        if (last?.gist === gist && clock.monotonic() - last.atMs < SAY_EVERY_MS - 500) continue;
        said.set(wan.name, { gist, atMs: clock.monotonic() });
        publisher.keep('sqm', { router: name, wan: wan.name }, { at: new Date(clock.now()).toISOString(), ...state });
      }
      before = now;
    },
    isNearFull: (upBps) => [...upBps].some(([wan, bps]) => bps >= NEAR_FULL * (shapers.get(wan) ?? Number.POSITIVE_INFINITY)),
  };
}

/** What counts as a change: rates, owner, saturation; counters always move. */
const gistOf = ({ up, down, ...rest }: Omit<SqmState, 'at'>): string =>
  JSON.stringify([
    rest,
    ...[up, down].map((one) => one && [one.device, one.qdisc, one.configured_bps, one.live_bps, one.saturated]),
  ]);
