// From the configuration to who looks on at the decisions: the recording and the shadow, each where it is switched on.
import { join } from 'node:path';
import { builtInAllocators } from '../../bandwidth/allocators/built-in.ts';
import type { Onlooker } from '../../bandwidth/onlooker.ts';
import { createOnlooker } from '../../bandwidth/rehearsal/create-onlooker.ts';
import type { Overrides } from '../../bandwidth/rehearsal/other-settings.ts';
import { createRecorder, type Recorder } from '../../bandwidth/rehearsal/recording/recorder.ts';
import { createShelf } from '../../bandwidth/rehearsal/recording/shelf.ts';
import { createShadow } from '../../bandwidth/rehearsal/shadow.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Log } from '../../log.ts';
import { reserveOf, settingsByTheHour } from '../bandwidth-of-config.ts';
import { VERSION } from '../version.ts';
import { runInThread } from './rehearsal-thread.ts';

export type RehearsalDeps = { readonly config: Config; readonly clock: Clock; readonly log: Log };

export const recordingsFolder = ({ database }: Pick<Config, 'database'>): string => join(database.path, 'recordings');

/** Null where nothing of it is switched on. */
export function openRehearsal({ config, clock, log }: RehearsalDeps): Onlooker | null {
  const { recording, shadow } = config.rehearsal;
  const part = log.child({ part: 'rehearsal' });
  return createOnlooker(
    recording.enabled ? openRecorder({ config, clock, log: part }) : null,
    shadow === null ? null : createShadow({ overrides: overridesOf(shadow), allocators: builtInAllocators, log: part }),
  );
}

function openRecorder({ config, clock, log }: RehearsalDeps): Recorder {
  const shelf = createShelf({
    folder: recordingsFolder(config),
    limits: config.rehearsal.recording,
    by: VERSION,
    now: clock.now,
    thin: async (folder, name, signal) => await runInThread({ kind: 'thin', folder, name }, signal),
  });
  return createRecorder({ shelf, configured: settingsByTheHour(config), clock, log });
}

function overridesOf({ reserve, torrents, ...rest }: NonNullable<Config['rehearsal']['shadow']>): Overrides {
  const { downloadReserve } = torrents;
  return {
    ...rest,
    reserve: reserve === undefined ? undefined : reserveOf(reserve),
    torrents: { ...torrents, downloadReserve: downloadReserve === undefined ? undefined : reserveOf(downloadReserve) },
  };
}
