// Sync over MQTT: how it stands, said when it changes; paused and resumed on demand. Its looks feed all others who show the same.
import type { TypedLink } from '@headgate/protocol';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { OverviewReader } from './overview.ts';
import { type StateFacts, syncStateOf } from './sync-state.ts';

export type SyncMqttDeps = {
  readonly overview: Pick<OverviewReader, 'read'>;
  readonly link: TypedLink;
  readonly pause: (paused: boolean) => Promise<void>;
  readonly facts: () => StateFacts;
  /** Called at each look. */
  readonly onLook: () => void;
  /** Called where somebody needs the state at once. Answers with a function that ends it. */
  readonly onAsked: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Log;
};

const EACH_MS = 2_000;
/** A lag that only grows is no news each time: Home Assistant's recorder keeps every state. */
const LAG_EACH_MS = 10_000;

/** Runs until the signal fires. */
export async function runSyncMqtt(deps: SyncMqttDeps, signal: AbortSignal): Promise<void> {
  const { overview, link, facts, onAsked, onLook, clock, log } = deps;
  const unhear = await link.hear('setSyncPaused', ({ value, retained }) => {
    // A retained command is an old one: it would be carried out anew at each start.
    if (retained) return log.warn({}, 'retained command ignored: publish without retain');
    deps.pause(value === 'ON').catch((error: unknown) => log.warn({ error: messageOf(error) }, 'command over MQTT refused'));
  });
  let sleeping = new AbortController();
  const said = { text: '', atMs: Number.NEGATIVE_INFINITY };
  const end = onAsked(() => {
    said.text = '';
    sleeping.abort();
  });
  while (!signal.aborted) {
    sleeping = new AbortController();
    try {
      onLook();
      const state = syncStateOf(await overview.read(), facts());
      const { at: _, lag_s: lag, ...rest } = state;
      const text = JSON.stringify(rest);
      if (text !== said.text || (lag > 0 && clock.now() - said.atMs >= LAG_EACH_MS)) {
        await link.say('syncState', {}, state);
        Object.assign(said, { text, atMs: clock.now() });
      }
    } catch (error) {
      log.debug({ error: messageOf(error) }, 'sync state not published');
    }
    await clock.sleep(EACH_MS, AbortSignal.any([signal, sleeping.signal])).catch(() => {});
  }
  end();
  await unhear().catch(() => {});
}
