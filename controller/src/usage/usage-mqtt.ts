// Usage over MQTT: the month and its data cap, each minute where something changed.
import type { TypedLink } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Usage } from './usage.ts';
import { toUsageState } from './usage-view.ts';

export type UsageMqttDeps = {
  readonly usage: Pick<Usage, 'month' | 'onNews'>;
  readonly link: TypedLink;
  /** Called where somebody needs the state at once. Answers with a function that ends it. */
  readonly onAsked: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Log;
};

const EACH_MS = 60_000;

/** Runs until the signal fires. */
export async function runUsageMqtt({ usage, link, onAsked, clock, log }: UsageMqttDeps, signal: AbortSignal): Promise<void> {
  let sleeping = new AbortController();
  let said = '';
  const ends = [
    usage.onNews(() => sleeping.abort()),
    onAsked(() => {
      said = '';
      sleeping.abort();
    }),
  ];
  while (!signal.aborted) {
    sleeping = new AbortController();
    const state = toUsageState(usage.month());
    const text = JSON.stringify({ ...state, at: '' });
    if (text !== said) {
      said = text;
      await link
        .say('usageState', {}, state)
        .catch((error: unknown) => log.debug({ error: messageOf(error) }, 'usage state not published'));
    }
    await clock.sleep(EACH_MS, AbortSignal.any([signal, sleeping.signal])).catch(() => {});
  }
  for (const end of ends) end();
}
