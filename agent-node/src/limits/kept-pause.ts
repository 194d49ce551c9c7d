// Paused by a person: kept until somebody lets the node go on, so that a restart or a power cut does not.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@headgate/agent-router/agent-ground';
import { messageOf } from '../errors.ts';
import { readIfThere, writeAtomically } from '../library/atomic-file.ts';

export type KeptPause = {
  readonly isOn: () => boolean;
  /** At once; resolves when it outlives a power cut, or that was told to be impossible. */
  readonly set: (on: boolean) => Promise<void>;
};

/** @param folder null: nobody is there who could let it go on. @throws AgentError storage_failed */
export async function openKeptPause(folder: string | null, log: Log): Promise<KeptPause> {
  const file = folder === null ? null : join(folder, 'paused');
  let isOn = file !== null && (await readIfThere(file)) !== null;
  let last: Promise<void> = Promise.resolve();
  const keep = async (on: boolean): Promise<void> => {
    if (file === null) return;
    if (on) await writeAtomically(file, '');
    else await rm(file, { force: true });
  };
  return {
    isOn: () => isOn,
    set(on) {
      isOn = on;
      last = last
        .then(() => keep(on))
        .catch((error: unknown) => log.warn({ problem: messageOf(error) }, 'after a restart it would not be so'));
      return last;
    },
  };
}
