// Carries out shaper orders at the router: one thing at a time, the original on disk before the first write, back at the lease's end.
import type { ShaperOrder, ShaperState } from '@headgate/protocol';
import { KBIT } from '@headgate/protocol';
import { messageOf } from '../errors.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../ground/log.ts';
import type { QueueSection } from '../router/answers.ts';
import type { RateTool } from '../router/rate-tool.ts';
import type { Router } from '../router/router.ts';
import type { OriginalFile } from './original-file.ts';
import { type KeptOriginal, type Lease, oneWriter, planOrder, planRestore, type Rates } from './plan-shaper.ts';

type Deps = {
  /** `off` still puts back what an earlier run left; `dry` writes nothing at all. */
  readonly mode: 'on' | 'off' | 'dry';
  readonly router: Router;
  readonly file: OriginalFile;
  /** The SQM section of a WAN. */
  readonly sectionOf: (wan: string, sections: readonly QueueSection[] | null) => QueueSection | undefined;
  readonly say: (state: ShaperState) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type ShaperKeeper = {
  readonly order: (order: ShaperOrder) => Promise<void>;
  /** Each second: ends leases, tries again what failed, and at the start puts back what an earlier run left. */
  readonly tick: () => Promise<void>;
  /** Ends the lease and puts the original back: at a reboot of the router, and at the agent's end. */
  readonly release: (why: string) => Promise<void>;
  /** Another tool sets the rate now: the lease ends, and nothing is written before that tool has ended. */
  readonly giveWay: (tool: RateTool) => Promise<void>;
  readonly leaseOn: () => string | undefined;
};

/** Two writes are never closer: each builds the router's queues anew and writes its flash. The latest order waits. */
const LEAST_BETWEEN_MS = 5_000;
const TRY_AGAIN_MS = 10_000;

/** What the keeper knows; changed in place, by one task at a time. */
type Standing = {
  lease: Lease | undefined;
  kept: KeptOriginal | undefined;
  loaded: boolean;
  /** Something of ours may stand that has to go back; so it is at the start. */
  owed: boolean;
  tryAt: number;
  writtenAt: number;
  waiting: ShaperOrder | undefined;
  refused: string | null;
  /** Has the rate now, so that our original waits for its end. */
  givenTo: RateTool | undefined;
};

export function createShaperKeeper(deps: Deps): ShaperKeeper {
  const { clock, log } = deps;
  const long = Number.NEGATIVE_INFINITY;
  const standing: Standing = {
    ...{ lease: undefined, kept: undefined, loaded: false, owed: true },
    ...{ tryAt: long, writtenAt: long, waiting: undefined, refused: null, givenTo: undefined },
  };
  let line: Promise<void> = Promise.resolve();
  let problem: string | undefined;
  /** One at a time; a failure is told once, in the log and as the reason why the order does not stand. */
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    const told = async (): Promise<void> => {
      try {
        await task();
        problem = undefined;
      } catch (error) {
        if (messageOf(error) !== problem)
          log.warn({ problem: messageOf(error) }, 'the shaper could not be changed; trying again');
        problem = messageOf(error);
        standing.refused = problem;
        sayState(deps, standing);
      }
    };
    line = line.then(told);
    return line;
  };
  return {
    order(order) {
      standing.waiting = undefined;
      return inTurn(() => obey(deps, standing, order));
    },
    async tick() {
      const { lease, owed, tryAt, waiting, writtenAt } = standing;
      const now = clock.monotonic();
      if (lease !== undefined && now >= lease.endsAtMs) {
        log.info({ order: lease.orderId }, 'the shaper lease has ended');
        await inTurn(() => putBack(deps, standing));
      } else if (lease === undefined && owed && now >= tryAt) await inTurn(() => putBack(deps, standing));
      if (waiting !== undefined && now - writtenAt >= LEAST_BETWEEN_MS) {
        standing.waiting = undefined;
        await inTurn(() => obey(deps, standing, waiting));
      }
    },
    async release(why) {
      standing.waiting = undefined;
      if (standing.lease === undefined && standing.kept === undefined) return;
      log.info({ why }, 'the shaper goes back to its original');
      await inTurn(() => putBack(deps, standing));
    },
    async giveWay(tool) {
      standing.waiting = undefined;
      if (standing.lease !== undefined) await inTurn(async () => letGo(deps, standing, tool));
    },
    leaseOn: () => standing.lease?.wan,
  };
}

async function load(deps: Deps, standing: Standing): Promise<void> {
  if (!standing.loaded) standing.kept = await deps.file.load();
  standing.loaded = true;
}

/** The original stays on the disk: it goes into UCI once that tool has ended, since each write sets the rate in force as well. */
function letGo(deps: Deps, standing: Standing, tool: RateTool): void {
  if (standing.lease !== undefined || standing.givenTo !== tool)
    deps.log.warn({ tool, order: standing.lease?.orderId ?? null }, 'another tool sets the rate: the shaper is left to it');
  standing.lease = undefined;
  standing.owed = standing.kept !== undefined;
  standing.tryAt = deps.clock.monotonic() + TRY_AGAIN_MS;
  if (standing.refused === oneWriter(tool) && standing.givenTo === tool) return;
  standing.givenTo = tool;
  standing.refused = oneWriter(tool);
  sayState(deps, standing);
}

async function putBack(deps: Deps, standing: Standing): Promise<void> {
  const { mode, router, file, clock, log } = deps;
  standing.lease = undefined;
  standing.owed = true;
  standing.tryAt = clock.monotonic() + TRY_AGAIN_MS;
  await load(deps, standing);
  const { kept } = standing;
  if (kept !== undefined && mode !== 'dry') {
    const { sections, rateTool } = await router.sqm();
    if (rateTool) return letGo(deps, standing, rateTool);
    const section = sections?.find((one) => one.name === kept.section);
    const back = planRestore(kept, section);
    if (back !== undefined) await router.setRate({ section: kept.section, ...changed(back, section) });
    await file.clear();
    log.info(
      { section: kept.section, ...(back ?? {}) },
      back ? "the shaper's original is back" : 'the shaper has its own rate already',
    );
    standing.kept = undefined;
  }
  standing.owed = false;
  if (standing.givenTo !== undefined) standing.refused = null;
  standing.givenTo = undefined;
  sayState(deps, standing);
}

async function obey(deps: Deps, standing: Standing, order: ShaperOrder): Promise<void> {
  const { mode, router, sectionOf, clock } = deps;
  const enabled = mode === 'on';
  await load(deps, standing);
  const { sections, rateTool } = enabled ? await router.sqm() : { sections: null, rateTool: null };
  const section = sectionOf(order.wan, sections);
  const plan = planOrder(order, { enabled, section, rateTool, kept: standing.kept }, standing.lease, clock.monotonic());
  if (plan.do === 'write' && clock.monotonic() - standing.writtenAt < LEAST_BETWEEN_MS) {
    standing.waiting = order;
    return;
  }
  standing.refused = plan.do === 'refuse' ? plan.reason : null;
  if (plan.do === 'release') return await putBack(deps, standing);
  if (rateTool && standing.lease !== undefined) return letGo(deps, standing, rateTool);
  if (plan.do === 'refuse') deps.log.warn({ order: order.order_id, reason: plan.reason }, 'a shaper order was refused');
  else standing.givenTo = undefined;
  if (plan.do === 'extend') standing.lease = plan.lease;
  if (plan.do === 'write') await write(deps, standing, { order, lease: plan.lease, keep: plan.keep, section });
  sayState(deps, standing);
}

type Write = {
  readonly order: ShaperOrder;
  readonly lease: Lease;
  readonly keep: KeptOriginal;
  readonly section: QueueSection | undefined;
};

async function write(
  { router, file, clock, log }: Deps,
  standing: Standing,
  { order, lease, keep, section }: Write,
): Promise<void> {
  standing.owed = true;
  // If the original cannot be stored, nothing is written.
  await file.save(keep);
  standing.kept = keep;
  standing.writtenAt = clock.monotonic();
  await router.setRate({ section: lease.section, ...changed(lease.wanted, section) });
  standing.lease = lease;
  log.info({ order: order.order_id, wan: order.wan, ...lease.wanted, reason: order.reason }, 'the shaper is set');
}

/** Only what differs goes into UCI. */
const changed = (wanted: Rates, current: Rates | undefined): { uploadKbit: number | null; downloadKbit: number | null } => ({
  uploadKbit: wanted.uploadKbit === current?.uploadKbit ? null : wanted.uploadKbit,
  downloadKbit: wanted.downloadKbit === current?.downloadKbit ? null : wanted.downloadKbit,
});

function sayState({ mode, say, clock }: Deps, { lease, kept, refused }: Standing): void {
  const bps = (kbit: number | undefined): number | null => (kbit === undefined || kbit === 0 ? null : kbit * KBIT);
  say({
    at: new Date(clock.now()).toISOString(),
    enabled: mode === 'on',
    order_id: lease?.orderId ?? null,
    wan: lease?.wan ?? null,
    up_bps: bps(lease?.wanted.uploadKbit),
    down_bps: bps(lease?.wanted.downloadKbit),
    original: kept === undefined ? null : { up_bps: bps(kept.original.uploadKbit), down_bps: bps(kept.original.downloadKbit) },
    lease_left_s: lease === undefined ? null : Math.max(0, Math.round((lease.endsAtMs - clock.monotonic()) / 1000)),
    refused,
  });
}
