// Looks at the disk, plans, and carries out what needs no download: renames, removals, records.

import type { Log } from '@headgate/agent-router/agent-ground';
import { messageOf } from '../errors.ts';
import { confirmedRemovals } from './confirmed.ts';
import type { NodeState, PlacedFile } from './node-state.ts';
import type { Placer } from './place-file.ts';
import { type LibraryPlan, type OnDisk, planLibrary, type Rename } from './plan-library.ts';
import { lookAt } from './safe-path.ts';
import type { WantedItem } from './wanted.ts';

export type KeeperDeps = {
  readonly root: string;
  /** Where a person's confirmations lie. */
  readonly confirmedFolder: string;
  readonly state: NodeState;
  readonly placer: Placer;
  readonly graceMs: number;
  readonly now: () => number;
  readonly log: Log;
  readonly dryRun: boolean;
};
export type LibraryKeeper = {
  /** The plan, and what of it was done: `changed` are paths that came by a rename or went. Only what was renamed is in place already. */
  readonly settle: (
    wanted: readonly WantedItem[],
    versions: ReadonlyMap<string, number | null>,
  ) => Promise<{ plan: LibraryPlan; changed: readonly string[] }>;
};

export function createLibraryKeeper(deps: KeeperDeps): LibraryKeeper {
  const { root, confirmedFolder, state, placer, graceMs, now, log, dryRun } = deps;
  const attempt = async (path: string, doing: () => Promise<void>): Promise<readonly string[]> => {
    try {
      await doing();
      return [path];
    } catch (error) {
      log.warn({ path, problem: messageOf(error) }, 'a file of the library could not be moved; tried again later');
      return [];
    }
  };
  const carryOut = async (plan: LibraryPlan): Promise<readonly string[]> => {
    const nowMs = now();
    const changed: string[] = [];
    for (const one of plan.renames) changed.push(...(await attempt(one.to.path, () => moveFile(deps, one))));
    for (const file of plan.trash)
      changed.push(
        ...(await attempt(file.path, async () => {
          await placer.trash(file.path);
          await state.drop(file.path);
          log.info({ path: file.path }, 'no longer shared: it lies in the trash now');
        })),
      );
    await state.put(...plan.claim, ...plan.leave.map((file) => ({ ...file, leavingSinceMs: nowMs })));
    await state.drop(...plan.forget.map(({ path }) => path));
    await placer.emptyTrash(graceMs, nowMs);
    return changed;
  };
  return {
    async settle(wanted, versions) {
      const placed = state.placed();
      const disk = await lookAtAll(root, wanted, placed);
      const plan = planLibrary({
        wanted,
        versions,
        placed,
        disk,
        confirmed: await confirmedRemovals(confirmedFolder),
        nowMs: now(),
        graceMs,
      });
      for (const { group, dropped, of, version } of plan.waiting)
        log.warn(
          { group, dropped, of, version },
          'so much is dropped at once that nothing of it is taken away until --confirm GROUP',
        );
      return { plan, changed: dryRun ? [] : await carryOut(plan) };
    },
  };
}

async function moveFile({ placer, state, log }: KeeperDeps, { from, to, item }: Rename): Promise<void> {
  const { size, mtimeMs } = await placer.rename(from.path, to.path);
  await state.move(from.path, {
    ...from,
    path: to.path,
    size,
    mtimeMs,
    group: item.group,
    item: item.path,
    leavingSinceMs: null,
    isUntold: true,
  });
  log.info({ from: from.path, to: to.path }, 'the same bytes under a new name: renamed');
}

async function lookAtAll(
  root: string,
  wanted: readonly WantedItem[],
  placed: readonly PlacedFile[],
): Promise<ReadonlyMap<string, OnDisk>> {
  const disk = new Map<string, OnDisk>();
  const paths = new Set([...wanted.flatMap(({ files }) => files.map(({ path }) => path)), ...placed.map(({ path }) => path)]);
  for (const path of paths) {
    const found = await lookAt(root, path);
    if (found?.isFile() === true) disk.set(path, { size: found.size, mtimeMs: found.mtimeMs });
  }
  return disk;
}
