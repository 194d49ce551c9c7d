// Asks one player, through its server, and tells its viewer why the picture goes away for a moment.
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Players } from '../../neighbours/media-server.ts';
import type { PlannedAsk } from './plan-asks.ts';
import { messageFor } from './running-words.ts';

const REQUEST_MS = 10_000;

/** @returns whether it was sent: not where the player was paused just then, or the server out of reach */
export async function askPlayer(
  { kind, running: { watched }, limitBps }: PlannedAsk,
  { players, message, log }: { readonly players: Players | null; readonly message: string; readonly log: Log },
  signal: AbortSignal,
): Promise<boolean> {
  if (players === null) return false;
  const { stream, server } = watched;
  const until = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]);
  const who = { viewer: `${server}/${stream.userName}`, client: stream.client, title: stream.title, limit_bps: limitBps };
  const sent = kind === 'replay' ? players.replay(stream, until) : players.renegotiate(stream, until);
  const isSent = await sent.catch((error: unknown) => {
    log.debug({ ...who, error: messageOf(error) }, 'player could not be asked');
    return false;
  });
  if (!isSent) return false;
  log.info({ ...who, how: kind }, 'player asked to negotiate anew');
  const text = kind === 'lift' ? '' : messageFor(message, limitBps);
  // That it is not shown changes nothing.
  if (text !== '') await players.show(stream, text, until).catch(() => false);
  return true;
}
