// A bench's channels over the real HTTP server: guide and playlist by a token, the REST routes by a log-in.
import { openStreamTokens, type StreamTokenTables } from '../../controller/src/channels/capabilities/stream-tokens.ts';
import { openTokenKey } from '../../controller/src/channels/capabilities/token-key.ts';
import { channelsRoutes } from '../../controller/src/channels/channels-routes.ts';
import { createArtwork } from '../../controller/src/channels/guide/artwork.ts';
import { createGuideCache, type GuideCache } from '../../controller/src/channels/guide/guide-cache.ts';
import { liveRoutes } from '../../controller/src/channels/guide/live-routes.ts';
import { createLiveTvAnswers } from '../../controller/src/channels/guide/livetv-answers.ts';
import { livetvRoutes } from '../../controller/src/channels/guide/livetv-routes.ts';
import { createLogos } from '../../controller/src/channels/guide/logo.ts';
import { systemClock } from '../../controller/src/clock.ts';
import { createAuth } from '../../controller/src/http/auth.ts';
import { createAuthStore, type HttpTables } from '../../controller/src/http/auth-store.ts';
import { openHttp } from '../../controller/src/http/open-http.ts';
import { silentLog } from '../../controller/src/log.ts';
import type { ChannelHome } from './channel-home.ts';

const BASE = 'http://tv.example:8400';

/** A guide of its own: nothing is rendered yet. As wiring/television/answers.ts joins it. */
export function guideOf({ channels, clock }: ChannelHome): GuideCache {
  const { entries, lastAired } = channels;
  return createGuideCache({ source: { entries, lastAired, itemOf: itemOf(channels) }, now: clock.now });
}

const itemOf = (channels: ChannelHome['channels']) => (key: string) => {
  const at = key.indexOf('/');
  return channels.item({ server: key.slice(0, at), id: key.slice(at + 1) });
};

export async function serveChannels(home: ChannelHome) {
  const { channels, tables, folder } = home;
  const log = silentLog;
  const key = await openTokenKey(folder);
  const tokens = await openStreamTokens({ tables: tables<StreamTokenTables>(), key, clock: systemClock, log });
  const store = createAuthStore(tables<HttpTables>());
  const auth = createAuth({ store, password: 'correct horse', sessionMs: 3_600_000, clock: systemClock, log });
  const answers = createLiveTvAnswers({
    channels: channels.all,
    itemOf: itemOf(channels),
    guide: guideOf(home),
    artwork: createArtwork(async () => Buffer.alloc(0)),
    logos: createLogos(null),
    tune: async ({ handOver }) => void handOver().destroy(),
  });
  const deps = { answers, tokens, baseUrl: BASE };
  const http = await openHttp({
    ...{ listen: { host: '127.0.0.1', port: 0 }, publicUrl: null, trustedProxies: [], log, auth },
    routes: [...liveRoutes(deps), ...livetvRoutes(deps), ...channelsRoutes(channels)],
  });
  const token = tokens.textOf(await tokens.add('bench'));
  const { token: bearer } = await auth.addToken('bench', 'read');
  return {
    url: http.url,
    port: http.port,
    token,
    headers: { authorization: `Bearer ${bearer}` },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}
