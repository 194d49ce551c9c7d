// Television while it runs: planned, probed, registered, told over MQTT; pictures of copying channels settled.
import type { TypedLink } from '@headgate/protocol';
import type { Channels } from '../../channels/channels.ts';
import { runChannelsMqtt } from '../../channels/channels-mqtt.ts';
import type { LiveTvRegistration } from '../../channels/registration/registration-service.ts';
import type { Clock } from '../../clock.ts';
import type { Ffmpeg } from '../../ffmpeg/open-ffmpeg.ts';
import type { Log } from '../../log.ts';
import { beginLater } from '../begin-later.ts';
import type { LiveSessions } from './live-sessions.ts';

/** Files are probed at night; a new channel's first ones sooner or later. */
const SETTLE_EACH_MS = 10 * 60_000;
/** From one part to the next at the start: viewers who come back meanwhile do not wait for all of them. */
const EACH_AFTER_MS = 400;

export type TelevisionMqtt = {
  readonly link: TypedLink;
  readonly forget: (topic: string) => Promise<void>;
  readonly onAsked: (listener: () => void) => () => void;
};

type Running = {
  readonly channels: Channels;
  readonly registration: LiveTvRegistration;
  readonly ffmpeg: Pick<Ffmpeg, 'check'>;
};

/** Until the signal fires. Never rejects. */
export async function runTelevision(
  { sessions, clock, log }: { readonly sessions: LiveSessions; readonly clock: Clock; readonly log: Log },
  { channels, registration, ffmpeg }: Running,
  { link, forget, onAsked }: TelevisionMqtt,
  signal: AbortSignal,
): Promise<void> {
  const forgetChannel = (channel: string) => forget(link.topic('channelState', { channel }));
  const mqtt = { channels, link, sessions, forget: forgetChannel, onAsked, clock, log: log.child({ part: 'channels' }) };
  const parts = [
    (until: AbortSignal) => channels.run(until),
    (until: AbortSignal) => runChannelsMqtt(mqtt, until),
    (until: AbortSignal) => registration.run(until),
    (until: AbortSignal) => tellOfFfmpeg(channels, ffmpeg, log, until),
    (until: AbortSignal) => settlePictures(channels, clock, until),
  ];
  await Promise.allSettled(parts.map((part, place) => beginLater(clock, place * EACH_AFTER_MS, part, signal)));
}

/** A copying channel's picture is found by looking at what it is about to play. */
async function settlePictures(channels: Channels, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const { id, enabled, look } of channels.all())
      if (enabled && look.transport === 'auto') await channels.steps(id, clock.now()).catch(() => undefined);
    await clock.sleep(SETTLE_EACH_MS, signal).catch(() => {});
  }
}

/** Once, and only where there are channels: what this machine's ffmpeg cannot do. */
async function tellOfFfmpeg(channels: Channels, ffmpeg: Pick<Ffmpeg, 'check'>, log: Log, signal: AbortSignal): Promise<void> {
  if (channels.all().length === 0) return;
  const { problems, lacks } = await ffmpeg.check(signal);
  for (const problem of problems) log.error({ part: 'channels' }, problem);
  for (const lack of lacks) log.warn({ part: 'channels' }, lack);
}
