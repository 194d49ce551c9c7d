// What an operator may do while Headgate runs: change settings, boost a viewer, put everything back.
import { ControllerError } from '../errors.ts';
import type { Bandwidth, BandwidthDeps } from './bandwidth.ts';
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

export function createOperator({
  deps,
  world,
  restoreAll,
  operatorDid,
}: OperatorDeps): Pick<Bandwidth, 'change' | 'boost' | 'restoreNow'> {
  const { stores, clock } = deps;
  return {
    async change(change, by) {
      if (change.algorithm !== undefined && !Object.hasOwn(deps.rules.allocators, change.algorithm))
        throw new ControllerError(
          'input_invalid',
          `algorithm: "${change.algorithm}" is not one of ${Object.keys(deps.rules.allocators).join(', ')}`,
        );
      // A value that cannot be read back at the next start would take all other changes with it.
      if (!settingsChange.safeParse(change).success)
        throw new ControllerError('input_invalid', 'reserve: must be from 0 to 90 percent; capacity: must be at least 1 bit/s');
      await stores.settings.change(change);
      operatorDid(by, change);
    },
    async boost(boost, by) {
      const viewer = findViewer(world, boost.viewer);
      if (viewer === null)
        throw new ControllerError(
          'not_found',
          `viewer: "${boost.viewer}" is no user of any media server; write it as server/user`,
        );
      await stores.settings.boost({ ...boost, viewer }, clock.now());
      operatorDid(by, { boost: boost.viewer, until: boost.until });
    },
    async restoreNow(by) {
      await stores.settings.change({ enabled: false });
      operatorDid(by, { enabled: false });
      return await restoreAll();
    },
  };
}
