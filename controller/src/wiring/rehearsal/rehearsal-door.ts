// The routes of rehearsals, with what they need of the configuration and of the thread that replays.
import { builtInAllocators } from '../../bandwidth/allocators/built-in.ts';
import type { Bandwidth } from '../../bandwidth/bandwidth.ts';
import { listRecordings } from '../../bandwidth/rehearsal/recording/recordings.ts';
import { rehearsalRoutes, type Tried } from '../../bandwidth/rehearsal/rehearsal-routes.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { readConfigText } from '../../config/config-text.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Route } from '../../http/route.ts';
import { ruledSettings } from '../bandwidth-of-config.ts';
import { recordingsFolder } from './open-rehearsal.ts';
import { notReplayed, type OtherPolicy } from './other-policy.ts';
import { runInThread } from './rehearsal-thread.ts';

/** A month of turns takes minutes; who wants more asks for less at once. */
const MOST_MS = 300_000;

export function rehearsalDoor(config: Config, bandwidth: Bandwidth, clock: Clock): readonly Route[] {
  const folder = recordingsFolder(config);
  const algorithms = Object.keys(builtInAllocators);
  const otherOf = async (tried: Tried): Promise<{ readonly other: OtherPolicy; readonly remarks: readonly string[] }> => {
    if ('overrides' in tried) return { other: { kind: 'overrides', overrides: tried.overrides }, remarks: [] };
    const values = await readConfigText(tried.configuration, algorithms).catch((error: unknown) => {
      throw new ControllerError('input_invalid', messageOf(error), { cause: error });
    });
    return { other: { kind: 'configuration', ruled: ruledSettings(values) }, remarks: notReplayed(config, values) };
  };
  return rehearsalRoutes({
    state: () => bandwidth.status().rehearsal,
    files: () => listRecordings(folder),
    algorithms,
    async rehearse(tried, span, signal) {
      const { other, remarks } = await otherOf(tried);
      const limit = AbortSignal.timeout(MOST_MS);
      try {
        const report = await runInThread({ kind: 'rehearse', folder, span, other }, AbortSignal.any([signal, limit]));
        return { report, remarks };
      } catch (error) {
        if (isAbort(error) && limit.aborted)
          throw new ControllerError('timeout', 'the rehearsal took longer than 5 min: ask for less time');
        throw error;
      }
    },
    now: clock.now,
  });
}
