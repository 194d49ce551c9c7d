// Plex's one limit for each stream that goes outside, told as the limit of one user who stands for everybody.
import { ControllerError } from '../errors.ts';
import type { UserLimits } from '../neighbours/media-server.ts';
import { createTurns } from '../neighbours/turns.ts';
import type { PlexClient } from './plex-client.ts';
import { wholeNumber } from './plex-schemas.ts';

/** kbit/s, 0 is none; a dashboard shows only its own choices, the server takes any whole number. */
const PREFERENCE = 'WanPerStreamMaxUploadRate';
export const EVERYBODY = 'everyone';
const INT32_MAX = 2_147_483_647;

/** Whole kbit/s, at least one for a rate above 0: 0 would be no limit at all. What is negative stood there before us and goes back as it was. */
const toKbps = (bps: number): number =>
  bps > 0 ? Math.min(INT32_MAX, Math.max(1, Math.floor(bps / 1000))) : Math.round(bps / 1000);

/** -0 is a number that no server has. */
export const roundedBps = (bps: number): number => toKbps(bps) * 1000 || 0;

type LimitClient = Pick<PlexClient, 'preference' | 'setPreference'>;

/** @throws ControllerError upstream_failed where the server has no such preference */
export const readStreamLimit = async (client: LimitClient, who: string, signal: AbortSignal): Promise<number> => {
  const raw = await client.preference(PREFERENCE, signal);
  if (raw === undefined) {
    const help = "it is too old, or the token is not its owner's; set limit_streams: false for it";
    throw new ControllerError('upstream_failed', `${who} has no ${PREFERENCE}: ${help}`);
  }
  const kbps = wholeNumber.safeParse(raw);
  if (!kbps.success) throw new ControllerError('upstream_failed', `${who}: its ${PREFERENCE} is no whole number`);
  return kbps.data * 1000;
};

export const openStreamLimit = (client: LimitClient, who: string): UserLimits => {
  // The preference has no ETag either: our own changes at least come one after the other.
  const turns = createTurns(1);
  const read = (signal: AbortSignal) => readStreamLimit(client, who, signal);

  const change: UserLimits['changeUserLimit'] = async (userId, decide, signal) => {
    if (userId !== EVERYBODY) throw new ControllerError('not_found', `${who} has no limit for user ${userId} alone`);
    const beforeBps = await read(signal);
    const wanted = await decide(beforeBps);
    if (wanted === null) return { beforeBps, afterBps: beforeBps, written: false };
    if (!Number.isFinite(wanted)) throw new ControllerError('input_invalid', `a limit of ${wanted} bit/s cannot be written`);
    const wantedBps = roundedBps(wanted);
    if (wantedBps === beforeBps) return { beforeBps, afterBps: beforeBps, written: false };
    signal.throwIfAborted();
    await client.setPreference(PREFERENCE, wantedBps / 1000, signal);
    const afterBps = await read(signal);
    if (afterBps !== wantedBps) {
      const text = `${who}: ${PREFERENCE} was set to ${wantedBps / 1000} kbit/s but reads ${afterBps / 1000}`;
      throw new ControllerError('upstream_failed', text);
    }
    return { beforeBps, afterBps, written: true };
  };

  return {
    users: async (signal) => [
      {
        id: EVERYBODY,
        name: EVERYBODY,
        limitBps: await read(signal),
        isAdministrator: false,
        isDisabled: false,
        mayWatchRemotely: true,
      },
    ],
    // Plex says with each stream whether it takes it for remote.
    rules: async () => null,
    rounded: roundedBps,
    changeUserLimit: (userId, decide, signal) => turns.take(signal, () => change(userId, decide, signal)),
  };
};
