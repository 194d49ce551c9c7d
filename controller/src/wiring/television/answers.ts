// What television answers over HTTP: its routes, with the guide and the pictures behind them.
import type { StreamTokens } from '../../channels/capabilities/stream-tokens.ts';
import { tokenRoutes } from '../../channels/capabilities/token-routes.ts';
import type { Channels } from '../../channels/channels.ts';
import { channelsRoutes } from '../../channels/channels-routes.ts';
import { createArtwork } from '../../channels/guide/artwork.ts';
import { createGuideCache, type GuideCache, type GuideSource } from '../../channels/guide/guide-cache.ts';
import { liveRoutes } from '../../channels/guide/live-routes.ts';
import { createLiveTvAnswers, type LiveTvAnswers } from '../../channels/guide/livetv-answers.ts';
import { livetvRoutes } from '../../channels/guide/livetv-routes.ts';
import { createLogos } from '../../channels/guide/logo.ts';
import { healthRoutes } from '../../channels/health-routes.ts';
import { jellyfinRoutes } from '../../channels/jellyfin-routes.ts';
import type { ChannelStores } from '../../channels/open-channel-stores.ts';
import { registrationRoutes } from '../../channels/registration/registration-routes.ts';
import type { LiveTvRegistration } from '../../channels/registration/registration-service.ts';
import { schedulesRoutes } from '../../channels/schedules-routes.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Route } from '../../http/route.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { TelevisionSources } from './sources.ts';
import type { Studio } from './studio.ts';

/** A server that was never read and does not answer holds nobody up longer. */
const LOADING_MS = 3_000;

export type Answering = {
  readonly channels: Channels;
  readonly stores: ChannelStores;
  readonly sources: TelevisionSources;
  readonly tokens: StreamTokens;
  readonly registration: LiveTvRegistration;
  readonly studio: Studio;
  readonly sessions: LiveSessions;
  readonly baseUrl: string;
  /** Why it is of no use to its readers. */
  readonly baseProblem: string | null;
  readonly clock: Clock;
  readonly config: Config;
};

export function createAnswers({ channels, sources, studio, clock, config }: Answering): {
  readonly answers: LiveTvAnswers;
  readonly guide: GuideCache;
} {
  const itemOf = (key: string) => {
    const at = key.indexOf('/');
    return channels.item({ server: key.slice(0, at), id: key.slice(at + 1) });
  };
  const { lastAired } = channels;
  // Right after a start the guide would lack what the libraries say of its items.
  const entries: GuideSource['entries'] = async (id, fromMs, toMs) => {
    const waiting = new AbortController();
    await Promise.race([channels.loaded(), clock.sleep(LOADING_MS, waiting.signal).catch(() => {})]);
    waiting.abort();
    return await channels.entries(id, fromMs, toMs);
  };
  const guide = createGuideCache({ source: { entries, lastAired, itemOf }, now: clock.now });
  const answers = createLiveTvAnswers({
    channels: channels.all,
    itemOf,
    guide,
    artwork: createArtwork(sources.readImage),
    logos: createLogos(config.channels.logosPath),
    tune: studio.tune,
  });
  return { answers, guide };
}

export function televisionRoutes(answering: Answering, answers: LiveTvAnswers): readonly Route[] {
  const { channels, stores, sources, tokens, registration, studio, sessions, baseUrl, baseProblem, config } = answering;
  const { defaultPageSize, maxPageSize } = config.channels;
  return [
    ...channelsRoutes(withSlates(channels, studio)),
    ...healthRoutes({ channels, sessions: sessions.now, deadItems: stores.probes.failing, endViewer: studio.endViewer }),
    ...schedulesRoutes(channels),
    ...jellyfinRoutes({ servers: sources.browse, defaultPageSize, maxPageSize }),
    ...registrationRoutes(registration, { url: baseUrl, problem: baseProblem }),
    ...tokenRoutes(tokens, baseUrl),
    ...livetvRoutes({ answers, tokens, baseUrl }),
    ...liveRoutes({ answers, tokens, baseUrl }),
  ];
}

/** A channel is answered for once it can be tuned in to: its slates are in memory, or do not come in time. */
const withSlates = (channels: Channels, studio: Studio): Channels => ({
  ...channels,
  async create(body) {
    const made = await channels.create(body);
    await studio.ready();
    return made;
  },
});
