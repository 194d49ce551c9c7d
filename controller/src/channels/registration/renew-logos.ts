// Up to 10.11 a channel's picture is set once and never again: taken away, the next refresh of the guide brings the new one (12 compares addresses itself).
import { ControllerError } from '../../errors.ts';
import type { RegistrationServer } from './carry-out.ts';
import type { WarmChannel } from './pre-warm.ts';
import { seenAs } from './seen-channel.ts';

/** Takes the pictures of these channels away, where the server shows them. `changed` loses what is done. @throws ControllerError */
export const takeLogosAway = async (
  server: RegistrationServer,
  changed: Set<string>,
  channels: readonly WarmChannel[],
  signal: AbortSignal,
): Promise<void> => {
  const seen = await server.channels(signal);
  for (const id of changed) {
    const own = channels.find((one) => one.id === id);
    const found = own === undefined ? null : seenAs(own, seen);
    if (found !== null)
      await server.removeImage(found.id, signal).catch((error: unknown) => {
        // It had none.
        if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
      });
    changed.delete(id);
  }
};
