// From a schedule to a running stream: who tunes in is handed to the stream process, which is told what to play and follows each change of the table.
import { randomUUID } from 'node:crypto';
import type { Channel } from '../../channels/channel.ts';
import type { Channels } from '../../channels/channels.ts';
import type { Tune } from '../../channels/guide/livetv-answers.ts';
import type { Clock } from '../../clock.ts';
import { ControllerError, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { ChannelLook, LiveSettings } from '../../on-air/live-messages.ts';
import { type LiveHost, openLiveHost } from '../live-host.ts';
import type { LiveSessions } from './live-sessions.ts';

export type StudioDeps = {
  readonly channels: Pick<Channels, 'all' | 'steps'>;
  readonly settings: LiveSettings;
  readonly lookOf: (channel: Channel) => ChannelLook;
  readonly sessions: LiveSessions;
  /** Whether one more stream to this address finds room on the uplink; null: whoever comes is served. */
  readonly fits: ((address: string, bps: number) => boolean) | null;
  readonly itemFailed: (channelId: number, entryId: string, reason: string) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type Studio = AsyncDisposable & {
  readonly tune: Tune;
  /** Channels came, went, changed: slates are made, streams of what is gone end. The stream process runs as long as a channel is on. */
  refresh(): void;
  /** What a running channel plays from here on is another. */
  replan(channelId: number, fromMs: number): void;
  /** Viewers who came with this token. */
  endConsumer(tokenId: string): void;
  /** @returns false where there is no such viewer */
  endViewer(id: string): boolean;
  /** While a channel is warmed for a consumer, that one is shown the slate: no ffmpeg runs for it. */
  warm(consumer: string, channel: string, begins: boolean): void;
  isWatching(consumer: string): boolean;
  /** Resolves when whoever tunes in gets bytes in the same moment: slates are in memory. At once where nothing is on, after READY_MS in any case. */
  ready(): Promise<void>;
  /** A sentence where no stream can be made; null where all is well or nothing is on. */
  problem(): string | null;
};

/** With slates on disk the stream process takes a quarter of a second; where they must be made anew, other doors do not stay shut for them. */
const READY_MS = 2_000;

const keyOf = (consumer: string, channel: string): string => `${consumer}\n${channel}`;

type State = {
  host: LiveHost | null;
  readonly viewers: Map<string, { readonly channel: string; readonly tokenId: string | null }>;
  readonly warming: Set<string>;
  /** Ids of the channels that are on. */
  on: readonly string[];
};

export function createStudio(deps: StudioDeps): Studio {
  const state: State = { host: null, viewers: new Map(), warming: new Set(), on: [] };
  const push = createPush(deps, state);
  return {
    tune: createTune(deps, state),
    replan(channelId, fromMs) {
      if (isRunning(String(channelId), deps, state)) push(channelId, fromMs);
    },
    refresh: () => refresh(deps, state, push),
    endConsumer(tokenId) {
      for (const [id, of] of state.viewers) if (of.tokenId === tokenId) state.host?.endViewer(id);
    },
    endViewer(id) {
      if (!state.viewers.has(id)) return false;
      state.host?.endViewer(id);
      return true;
    },
    warm(consumer, channel, begins) {
      if (begins) state.warming.add(keyOf(consumer, channel));
      else state.warming.delete(keyOf(consumer, channel));
    },
    isWatching: (consumer) => deps.sessions.now().some(({ viewers }) => viewers.some((viewer) => viewer.consumer === consumer)),
    async ready() {
      if (state.host === null) return;
      const waited = new AbortController();
      // Whoever tunes in first finds the way from the table to the stream walked once already: cold it takes half of what there is.
      const walked = Promise.allSettled(state.on.slice(0, 1).map((id) => deps.channels.steps(Number(id), deps.clock.now())));
      const ready = Promise.all([state.host.ready, walked]);
      await Promise.race([ready, deps.clock.sleep(READY_MS, waited.signal).catch(() => {})]);
      waited.abort();
    },
    problem: () => (state.host !== null && state.host.pid() === null ? 'the stream process does not run' : null),
    async [Symbol.asyncDispose]() {
      await state.host?.[Symbol.asyncDispose]();
      state.host = null;
    },
  };
}

function createTune({ channels, lookOf, fits, clock }: StudioDeps, state: State): Tune {
  return async ({ channel, consumer, tokenId, address, userAgent, method, handOver }) => {
    const { host } = state;
    if (host === null) throw new ControllerError('conflict', 'no channel is on');
    const { picture } = lookOf(channel);
    if (fits !== null && !fits(address, picture.videoBps + picture.audio.bps))
      throw new ControllerError('too_many', 'the uplink has no room for one more stream now');
    const name = String(channel.id);
    const slateOnly = state.warming.has(keyOf(consumer, name));
    const steps = slateOnly || method === 'HEAD' ? [] : await channels.steps(channel.id, clock.now());
    const socket = handOver();
    // It left while the table was read.
    if (socket.destroyed) return;
    const id = randomUUID();
    state.viewers.set(id, { channel: name, tokenId });
    host.tune({ id, channel: name, consumer, address, userAgent, method }, steps, slateOnly, socket);
  };
}

/** Somebody watches it, or just did. */
const isRunning = (channel: string, { sessions }: StudioDeps, { viewers }: State): boolean =>
  viewers.values().some((viewer) => viewer.channel === channel) || sessions.now().some((session) => session.channel === channel);

type Push = (channelId: number, fromMs: number) => void;

const createPush =
  ({ channels, log }: StudioDeps, state: State): Push =>
  (channelId, fromMs) => {
    channels.steps(channelId, fromMs).then(
      (steps) => state.host?.pushPlan(String(channelId), fromMs, steps),
      (error: unknown) =>
        log.warn({ channel: channelId, problem: messageOf(error) }, 'a running channel could not be planned on'),
    );
  };

/** Looks that did not change are told all the same: the stream process knows what it has. */
function refresh(deps: StudioDeps, state: State, push: Push): void {
  const looks = deps.channels
    .all()
    .filter(({ enabled }) => enabled)
    .map(deps.lookOf);
  const on = looks.map(({ channel }) => channel);
  for (const id of state.on) if (!on.includes(id)) state.host?.endChannel(id);
  state.on = on;
  if (looks.length === 0 && state.host === null) return;
  state.host ??= openHost(deps, state, push);
  state.host.setLooks(looks);
}

function openHost(deps: StudioDeps, state: State, push: Push): LiveHost {
  const { settings, sessions, clock, log, itemFailed } = deps;
  return openLiveHost({
    settings,
    clock,
    log,
    onSessions: sessions.say,
    wantsPlan: (channel, fromMs) => push(Number(channel), fromMs),
    viewerEnded({ id, reason, bytes }) {
      state.viewers.delete(id);
      log.info({ viewer: id, reason, bytes }, 'a viewer left');
    },
    itemFailed: (channel, entryId, reason) => itemFailed(Number(channel), entryId, reason),
  });
}
