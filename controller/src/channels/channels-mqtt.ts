// Channels over MQTT: what each shows now and next, said when it changes; the next programme, on and off, on demand.
import { setImmediate as turn } from 'node:timers/promises';
import type { TypedLink } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { LiveSession } from '../on-air/live-messages.ts';
import type { StoredChannel } from './channel-store.ts';
import type { Channels, OnNow } from './channels.ts';
import type { ScheduleEntry } from './schedule-entry.ts';

export type ChannelsMqttDeps = {
  readonly channels: Channels;
  readonly link: TypedLink;
  readonly sessions: { now(): readonly LiveSession[]; onChange(listener: () => void): () => void };
  /** Takes the retained state of a channel that is gone away from the broker. */
  readonly forget: (channel: string) => Promise<void>;
  /** Called where somebody needs the states at once. Answers with a function that ends it. */
  readonly onAsked: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** Programmes end when they end: looked at this often, and at once after a change. */
const EACH_MS = 2_000;
const BY = 'MQTT';

/** Runs until the signal fires. Channels that went are taken away from the broker. */
export async function runChannelsMqtt(deps: ChannelsMqttDeps, signal: AbortSignal): Promise<void> {
  const { channels, sessions, onAsked, clock, log } = deps;
  const hearing = await hearWishes(deps);
  const said = new Map<string, string>();
  const onNow = rememberNow(channels, clock);
  let sleeping = new AbortController();
  let asked = true;
  const soon = (): void => sleeping.abort();
  const ends = [
    channels.onScheduleChange((id) => {
      onNow.forget(id);
      soon();
    }),
    channels.onChannelChange(soon),
    sessions.onChange(soon),
    onAsked(() => {
      asked = true;
      soon();
    }),
  ];
  while (!signal.aborted) {
    sleeping = new AbortController();
    if (asked) for (const id of said.keys()) said.set(id, '');
    asked = false;
    await sayStates(deps, onNow.of, said).catch((error: unknown) =>
      log.debug({ error: messageOf(error) }, 'channel states not published'),
    );
    await clock.sleep(EACH_MS, AbortSignal.any([signal, sleeping.signal])).catch(() => {});
    // A hundred changes at once are one message.
    if (!signal.aborted && sleeping.signal.aborted) await clock.sleep(200, signal).catch(() => {});
  }
  for (const end of ends) end();
  await Promise.allSettled(hearing.map((end) => end()));
}

type NowOf = (id: number) => Promise<OnNow | null>;

/** The table is asked again when a programme ends or the schedule changes, not each second for each of a hundred channels. */
function rememberNow(channels: Channels, clock: Clock): { readonly of: NowOf; forget(id: number): void } {
  const known = new Map<number, OnNow>();
  let changes = 0;
  return {
    async of(id) {
      const before = known.get(id);
      const now = clock.now();
      if (before !== undefined && before.entry.startMs <= now && now < before.entry.endMs) return before;
      known.delete(id);
      // Streams and requests have their turn between two channels.
      await turn();
      const asOf = changes;
      const on = await channels.now(id);
      // What was read while the schedule changed may be the old one.
      if (on !== null && asOf === changes) known.set(id, on);
      return on;
    },
    forget(id) {
      changes += 1;
      known.delete(id);
    },
  };
}

async function sayStates(deps: ChannelsMqttDeps, nowOf: NowOf, said: Map<string, string>): Promise<void> {
  const { channels, link, sessions, clock } = deps;
  const running = new Map(sessions.now().map((session) => [session.channel, session]));
  const there = new Set(channels.all().map(({ id }) => String(id)));
  for (const id of said.keys()) {
    if (there.has(id)) continue;
    await deps.forget(id);
    said.delete(id);
  }
  for (const channel of channels.all()) {
    const id = String(channel.id);
    const state = { ...(await stateOf(nowOf, channel)), ...watchedState(running.get(id)) };
    const text = JSON.stringify(state);
    if (said.get(id) === text) continue;
    await link.say('channelState', { channel: id }, { at: new Date(clock.now()).toISOString(), ...state });
    said.set(id, text);
  }
}

async function stateOf(nowOf: NowOf, { id, name, number, enabled }: StoredChannel) {
  const on = enabled ? await nowOf(id) : null;
  return {
    ...{ name, number, enabled },
    now: on === null ? null : programmeOf(on.entry),
    next: on?.next ? programmeOf(on.next) : null,
  };
}

const programmeOf = ({ title, seriesTitle, startMs, endMs }: ScheduleEntry) => ({
  title: seriesTitle ?? title,
  subtitle: seriesTitle === null ? null : title,
  start: new Date(startMs).toISOString(),
  end: new Date(endMs).toISOString(),
});

const watchedState = (session: LiveSession | undefined) => ({
  viewers: session?.viewers.length ?? 0,
  showing: session?.showing ?? ('off' as const),
});

async function hearWishes({ channels, link, log }: ChannelsMqttDeps): Promise<(() => Promise<void>)[]> {
  /** A retained command is an old one: it would be carried out anew at each start. */
  const obey = (retained: boolean, channel: string, what: (id: number) => Promise<unknown>): void => {
    if (retained) log.warn({}, 'retained command ignored: publish without retain');
    else
      what(Number(channel)).catch((error: unknown) =>
        log.warn({ channel, error: messageOf(error) }, 'command over MQTT refused'),
      );
  };
  return await Promise.all([
    link.hear('setChannelSkip', ({ names: { channel }, retained }) =>
      obey(retained, channel, async (id) => {
        await channels.skip(id, false);
        log.info({ channel, by: BY }, 'skipped to the next programme');
      }),
    ),
    link.hear('setChannelEnabled', ({ names: { channel }, value, retained }) =>
      obey(retained, channel, (id) => channels.update(id, { enabled: value === 'ON' })),
    ),
  ]);
}
