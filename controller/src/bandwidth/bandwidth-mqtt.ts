// The feature over MQTT: state out when a decision changed, else each 10 s; the operator's wishes in.
import { type DecodeError, MBIT, NOBODY, type TypedLink } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Bandwidth } from './bandwidth.ts';
import { type Means, toBandwidthState } from './bandwidth-state.ts';
import { overrideOf, pauseFor } from './override-input.ts';

export type BandwidthMqttDeps = {
  readonly bandwidth: Bandwidth;
  readonly link: TypedLink;
  /** Means of the primary WAN over the last `ms`. */
  readonly means: (ms: number) => Means;
  /** Called where somebody needs the state at once. Answers with a function that ends it. */
  readonly onAsked: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** Home Assistant's recorder keeps every state that it is told: 10 s is what a chart needs. */
const EACH_MS = 10_000;
const BY = 'MQTT';
const HOUR_MS = 3_600_000;

/** Runs until the signal fires. */
export async function runBandwidthMqtt(
  { bandwidth, link, means, onAsked, clock, log }: BandwidthMqttDeps,
  signal: AbortSignal,
): Promise<void> {
  const hearing = await hearWishes({ bandwidth, link, clock, log });
  let sleeping = new AbortController();
  const saySoon = (): void => sleeping.abort();
  const stop = [bandwidth.onDecision(saySoon), onAsked(saySoon)];
  while (!signal.aborted) {
    sleeping = new AbortController();
    await link
      .say('bandwidthState', {}, toBandwidthState(bandwidth.status(), means(EACH_MS), clock.now()))
      .catch((error: unknown) => log.debug({ error: messageOf(error) }, 'bandwidth state not published'));
    await clock.sleep(EACH_MS, AbortSignal.any([signal, sleeping.signal])).catch(() => {});
  }
  for (const end of stop) end();
  await Promise.allSettled(hearing.map((end) => end()));
}

async function hearWishes({
  bandwidth,
  link,
  clock,
  log,
}: Pick<BandwidthMqttDeps, 'bandwidth' | 'link' | 'clock' | 'log'>): Promise<(() => Promise<void>)[]> {
  /** A retained command is an old one: it would be carried out anew at each start. */
  const obey = (retained: boolean, what: () => Promise<unknown>): void => {
    if (retained) log.warn({}, 'retained command ignored: publish without retain');
    else what().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'command over MQTT refused'));
  };
  return await Promise.all([
    link.hear('setEnabled', ({ value, retained }) => obey(retained, () => bandwidth.change({ enabled: value === 'ON' }, BY))),
    link.hear('setDryRun', ({ value, retained }) => obey(retained, () => bandwidth.change({ dryRun: value === 'ON' }, BY))),
    link.hear('setAlgorithm', ({ value, retained }) => obey(retained, () => bandwidth.change({ algorithm: value }, BY))),
    link.hear('setReserve', ({ value, retained }) => obey(retained, () => bandwidth.change({ reserve: { percent: value } }, BY))),
    link.hear('setCapacity', ({ value, retained }) =>
      obey(retained, () => bandwidth.change({ capacityUpBps: value > 0 ? Math.round(value * MBIT) : null }, BY)),
    ),
    link.hear('setRestore', ({ retained }) => obey(retained, () => bandwidth.restoreNow(BY))),
    link.hear('setPause', ({ value, retained }) => obey(retained, () => bandwidth.override(pauseFor(value, clock.now()), BY))),
    link.hear('setOverride', ({ value, retained }) =>
      obey(retained, () => bandwidth.override(overrideOf(value, clock.now()), BY)),
    ),
    link.hear('setBoostViewer', ({ value: viewer, retained }) =>
      obey(retained, () =>
        viewer === NOBODY ? bandwidth.endBoosts(BY) : bandwidth.boost({ viewer, bps: null, until: clock.now() + HOUR_MS }, BY),
      ),
    ),
    link.hear('setBoost', ({ value: { viewer, minutes, mbps }, retained }) =>
      obey(retained, () =>
        bandwidth.boost(
          { viewer, bps: mbps === undefined ? null : Math.round(mbps * MBIT), until: clock.now() + minutes * 60_000 },
          BY,
        ),
      ),
    ),
  ]);
}

/** For the link's maker: a message that does not decode is told once per topic and problem, not each time. */
export function tellBadMessages(log: Log): (error: DecodeError) => void {
  const told = new Set<string>();
  return ({ topic, path, message }) => {
    const key = `${topic} ${path}`;
    if (told.has(key) || told.size >= 200) return;
    told.add(key);
    log.warn({ topic, path }, message);
  };
}
