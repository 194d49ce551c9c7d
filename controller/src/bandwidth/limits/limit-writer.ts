// Carries out one write: reads what stands, stores the original durably, and only then sets the cap; or puts the original back.
import { ControllerError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { LimitChange } from '../../neighbours/limit-change.ts';
import { judgeLimit } from './judge-limit.ts';
import type { LimitStore } from './limit-store.ts';
import { sameLimit, type WriteStep } from './plan-writes.ts';

/** How one target is reached. */
export type LimitPort = {
  /** For people: "anna at main", "qbit". */
  readonly label: string;
  /** The value as the neighbour would give it back. */
  rounded(bps: number): number;
  change(decide: (currentBps: number) => Promise<number | null>, signal: AbortSignal): Promise<LimitChange>;
};

export type HandEdit = { readonly key: string; readonly label: string; readonly fromBps: number; readonly toBps: number };

export type LimitWriter = {
  /** @throws what the neighbour or the database throws; nothing was set where the original could not be stored. */
  carryOut(step: WriteStep, port: LimitPort, signal: AbortSignal): Promise<LimitChange>;
  /** A reading outside of a write: notices a hand edit. */
  observe(key: string, label: string, currentBps: number): Promise<void>;
};

export type LimitWriterDeps = {
  readonly store: LimitStore;
  /** False while stopping, switched off or rehearsing: asked at the last moment, so that a cap that waited for its turn is not set either. */
  readonly mayCap: () => boolean;
  readonly log: Log;
  readonly tell: (edit: HandEdit) => void;
};

export function createLimitWriter({ store, mayCap, log, tell }: LimitWriterDeps): LimitWriter {
  const keeping = new Map<string, Promise<void>>();

  /** A reading and a write may come upon the same edit at the same moment: it is kept and told once. */
  async function handEdit(key: string, label: string, toBps: number): Promise<void> {
    const edit = `${key} ${toBps}`;
    const kept = keeping.get(edit) ?? keep(key, label, toBps).finally(() => keeping.delete(edit));
    keeping.set(edit, kept);
    await kept;
  }

  async function keep(key: string, label: string, toBps: number): Promise<void> {
    const fromBps = store.record(key)?.originalBps ?? 0;
    await store.keepOriginal(key, toBps);
    log.info({ target: label, from_bps: fromBps, to_bps: toBps }, 'limit changed by hand: kept as the new original');
    tell({ key, label, fromBps, toBps });
  }

  async function cap({ key, bps }: WriteStep, port: LimitPort, currentBps: number): Promise<number | null> {
    const { kind, originalBps } = judgeLimit(currentBps, store.record(key));
    if (kind === 'hand_edit') await handEdit(key, port.label, currentBps);
    const capBps = port.rounded(bps);
    if (!Number.isSafeInteger(capBps) || capBps <= 0)
      throw new ControllerError(
        'conflict',
        `A cap of ${capBps} bit/s for ${port.label} would mean "no limit"; it is not written`,
      );
    // The original is a ceiling, also one that only this reading showed.
    const looser = originalBps > 0 && capBps >= originalBps;
    if (looser && kind !== 'ours') return null;
    const wanted = looser ? originalBps : capBps;
    if (sameLimit(currentBps, wanted) || !mayCap()) return null;
    await store.beforeWrite({ target: key, label: port.label, originalBps, currentBps, capBps: wanted });
    return mayCap() ? wanted : null;
  }

  async function restore({ key }: WriteStep, port: LimitPort, currentBps: number): Promise<number | null> {
    const { kind, originalBps } = judgeLimit(currentBps, store.record(key));
    if (kind === 'hand_edit') await handEdit(key, port.label, currentBps);
    return kind === 'ours' && currentBps !== originalBps ? originalBps : null;
  }

  return {
    async carryOut(step, port, signal) {
      let asked: { readonly currentBps: number; readonly wanted: number } | null = null;
      const change = await port.change(async (currentBps) => {
        // Asked once more before a write that came late: the original is stored already.
        if (asked?.currentBps === currentBps) return step.kind === 'cap' && !mayCap() ? null : asked.wanted;
        const wanted = await (step.kind === 'cap' ? cap(step, port, currentBps) : restore(step, port, currentBps));
        asked = wanted === null ? null : { currentBps, wanted };
        return wanted;
      }, signal);
      if (step.kind === 'restore') await store.restored(step.key);
      const outcome = { target: port.label, before_bps: shown(change.beforeBps), after_bps: shown(change.afterBps) };
      if (change.written) log.info(outcome, step.kind === 'cap' ? 'cap set' : 'original put back');
      return change;
    },
    async observe(key, label, currentBps) {
      const record = store.record(key);
      const { kind, originalBps } = judgeLimit(currentBps, record);
      if (kind === 'hand_edit') await handEdit(key, label, currentBps);
      // A cap of ours came back after we let go (a backup, a stale dashboard page): it may be what is wanted now, and then no write would hold it.
      if (kind === 'ours' && record?.held === false && !sameLimit(currentBps, originalBps))
        await store.keepOriginal(key, originalBps);
    },
  };
}

/** 0 is none, however the neighbour spells it. */
const shown = (bps: number): number => Math.max(0, bps);
