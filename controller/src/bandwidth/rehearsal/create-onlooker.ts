// The recording and the shadow as one who looks on.
import type { Onlooker } from '../onlooker.ts';
import type { Recorder } from './recording/recorder.ts';
import type { Shadow } from './shadow.ts';

/** Null where both are switched off: then nothing is done for either. */
export function createOnlooker(recorder: Recorder | null, shadow: Shadow | null): Onlooker | null {
  if (recorder === null && shadow === null) return null;
  return {
    turn(taken) {
      recorder?.turn(taken);
      shadow?.turn(taken);
    },
    run: async (signal) => await recorder?.run(signal),
    state: () => ({ recording: recorder?.state() ?? null, shadow: shadow?.state() ?? null }),
  };
}
