// Pure: the limits as they would stand at the neighbours, and how often they would be written. A write takes at once, and nobody rounds.
import type { Decision } from '../../decision.ts';
import { planWrites, type Target, type Wanted, type WriteStep } from '../../limits/plan-writes.ts';
import type { BandwidthSettings } from '../../settings.ts';

/** @property flaps writes that go back on the one before them, of the same limit, within ten minutes */
export type WriteCounts = { caps: number; restores: number; flaps: number };

type Moment = {
  readonly now: number;
  readonly settings: BandwidthSettings;
  readonly operatorAt: number | null;
  /** Whether its writes are counted. */
  readonly counts: boolean;
};

export type SimulatedLimits = {
  /** Everything stands as its user has it, and nothing was written yet: a start, or the end of a gap. */
  begin(): void;
  /** Makes the writes that are due. */
  step(decision: Decision, moment: Moment): void;
  readonly counts: Readonly<WriteCounts>;
};

const FLAP_MS = 600_000;

type Written = { readonly at: number; readonly rises: boolean };

export function createSimulatedLimits(): SimulatedLimits {
  const counts: WriteCounts = { caps: 0, restores: 0, flaps: 0 };
  const targets = new Map<string, Target>();
  const written = new Map<string, Written>();
  const write = (target: Target, { kind, bps }: WriteStep, { now, counts: isCounted }: Moment): void => {
    const before = written.get(target.key);
    const rises = ceiling(bps) > ceiling(target.currentBps ?? 0);
    const flaps = before !== undefined && before.rises !== rises && now - before.at < FLAP_MS;
    written.set(target.key, { at: now, rises });
    targets.set(target.key, { ...target, currentBps: bps, originalBps: kind === 'cap' ? 0 : null, writtenAt: now });
    if (!isCounted) return;
    counts[kind === 'cap' ? 'caps' : 'restores'] += 1;
    if (flaps) counts.flaps += 1;
  };
  return {
    counts,
    begin() {
      targets.clear();
      written.clear();
    },
    step(decision, moment) {
      const { now, settings, operatorAt } = moment;
      const wanted = wantedOf(decision, targets, operatorAt);
      for (const { key } of wanted) if (!targets.has(key)) targets.set(key, freshTarget(key));
      const { writeIntervalMs } = settings;
      for (const step of planWrites(wanted, targets, { now, writeIntervalMs, newestStartAt: decision.newestStartAt }))
        write(targets.get(step.key) ?? freshTarget(step.key), step, moment);
    },
  };
}

const freshTarget = (key: string): Target => ({
  ...{ key, currentBps: 0, originalBps: null, writtenAt: null, busy: false },
  rounded: asItIs,
});
const asItIs = (bps: number): number => bps;
const ceiling = (bps: number): number => (bps > 0 ? bps : Number.POSITIVE_INFINITY);

/** What does not stand as it should. A viewer's key is `server/user id`, and no server's name has a colon. */
function wantedOf({ viewers, torrents, downloads }: Decision, targets: ReadonlyMap<string, Target>, operatorAt: number | null) {
  const wanted: Wanted[] = [];
  const want = (key: string, capBps: number | null, startedAt: number | null): void => {
    const target = targets.get(key);
    const stands = capBps === null ? (target?.originalBps ?? null) === null : target?.currentBps === capBps;
    if (!stands) wanted.push({ key, capBps, urgentAt: Math.max(startedAt ?? 0, operatorAt ?? 0) });
  };
  for (const { key, capBps, startedAt } of viewers) want(key, capBps, startedAt);
  for (const { client, mode, capBps } of torrents) want(`torrent:${client}/${mode}`, capBps, null);
  for (const { client, mode, capBps } of downloads) want(`download:${client}/${mode}`, capBps, null);
  return wanted;
}
