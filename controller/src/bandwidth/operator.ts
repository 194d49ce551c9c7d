// What an operator may do while Headgate runs: change settings, boost a viewer, put everything back.
import { ControllerError } from '../errors.ts';
import type { Bandwidth, BandwidthDeps } from './bandwidth.ts';
import { overridePatch } from './overrides.ts';
import { settingsChange } from './settings-store.ts';
import type { World } from './world.ts';
import { findViewer } from './world-view.ts';

export type OperatorDeps = {
  readonly deps: BandwidthDeps;
  readonly world: World;
  readonly restoreAll: () => Promise<readonly string[]>;
  /** Makes the next decision count at once. */
  readonly operatorDid: (by: string, what: Readonly<Record<string, unknown>>) => void;
};

/** What is wanted for longer is no exception. */
const LONGEST_MS = 7 * 24 * 3_600_000;

export function createOperator({
  deps,
  world,
  restoreAll,
  operatorDid,
}: OperatorDeps): Pick<Bandwidth, 'change' | 'override' | 'boost' | 'endBoosts' | 'restoreNow'> {
  const { stores, clock } = deps;
  const knownAlgorithm = (name: string | undefined): void => {
    if (name !== undefined && !Object.hasOwn(deps.rules.allocators, name))
      throw new ControllerError(
        'input_invalid',
        `algorithm: "${name}" is not one of ${Object.keys(deps.rules.allocators).join(', ')}`,
      );
  };
  return {
    async change(change, by) {
      knownAlgorithm(change.algorithm);
      // A value that cannot be read back at the next start would take all other changes with it.
      if (!settingsChange.safeParse(change).success)
        throw new ControllerError('input_invalid', 'reserve: must be from 0 to 90 percent; capacity: must be at least 1 bit/s');
      await stores.settings.change(change);
      operatorDid(by, change);
    },
    async override(wish, by) {
      knownAlgorithm(wish.patch.algorithm);
      const { error } = overridePatch.safeParse(wish.patch);
      if (error || Object.keys(wish.patch).length === 0)
        throw new ControllerError('input_invalid', error?.issues[0]?.message ?? 'names nothing to override');
      if (!(wish.until - clock.now() <= LONGEST_MS))
        throw new ControllerError('input_invalid', 'minutes: an override lasts 7 days at most');
      await stores.settings.override(wish);
      operatorDid(by, { override: wish.patch, until: wish.until });
    },
    async boost(boost, by) {
      const viewer = findViewer(world, boost.viewer);
      if (viewer === null)
        throw new ControllerError(
          'not_found',
          `viewer: "${boost.viewer}" is no user of any media server; write it as server/user`,
        );
      await stores.settings.boost({ ...boost, viewer });
      operatorDid(by, { boost: boost.viewer, until: boost.until });
    },
    async endBoosts(by) {
      for (const { viewer } of stores.settings.boosts()) await stores.settings.boost({ viewer, bps: null, until: 0 });
      operatorDid(by, { boost: null });
    },
    async restoreNow(by) {
      await stores.settings.change({ enabled: false });
      operatorDid(by, { enabled: false });
      return await restoreAll();
    },
  };
}
