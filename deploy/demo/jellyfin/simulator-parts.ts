// The parts of a simulated server and the routes over them, put together.
import { randomBytes } from 'node:crypto';
import { createIdentify } from './caller.ts';
import { channelImage } from './channel-image.ts';
import { itemRoutes } from './item-routes.ts';
import { ordinaryItems } from './library.ts';
import { libraryRoutes } from './library-routes.ts';
import { itemsFromSeeds, type Seeded } from './library-seeds.ts';
import { createLivePlayback } from './live-playback.ts';
import { createLiveStreams } from './live-streams.ts';
import { createLiveTv } from './live-tv.ts';
import { liveTvRoutes } from './live-tv-routes.ts';
import { createMediaFiles } from './media-files.ts';
import { openLibrary } from './open-library.ts';
import type { Negotiation } from './playback-profile.ts';
import { playbackListener } from './playback-reports.ts';
import { playbackRoutes } from './playback-routes.ts';
import { quickConnectRoutes } from './quick-connect.ts';
import { createRequestLog } from './request-log.ts';
import { createSelectionCache } from './selection-cache.ts';
import { sessionRoutes } from './session-routes.ts';
import { createSessions } from './sessions.ts';
import { type ResolvedOptions, seeds } from './simulator-options.ts';
import { createSockets } from './sockets.ts';
import { openStateFile } from './state-file.ts';
import { type Settings, systemRoutes } from './system-routes.ts';
import { taskRoutes } from './task-routes.ts';
import { createTranscodes } from './transcodes.ts';
import { userDataRoutes } from './user-data-routes.ts';
import { createUserParts } from './user-parts.ts';
import { userRoutes } from './user-routes.ts';
import { createUsers } from './users.ts';
import { behaviourOf, type JellyfinBehaviour } from './version-behaviour.ts';

const keptNegotiations = 10_000;

export type Parts = ReturnType<typeof createParts>;

/** `late.url` is the server's own URL, known once it listens. */
function openLiveTv(options: ResolvedOptions, behaviour: JellyfinBehaviour, settings: Settings, changed: () => void) {
  const late = { url: '' };
  const { now, guideTaskMs, scanTaskMs, version, probeWaitMs, probe, readerPatienceMs } = options;
  const liveTv = createLiveTv({ stored: settings.liveTv, behaviour, now, guideTaskMs, scanTaskMs, changed });
  const liveStreams = createLiveStreams({
    liveTv,
    version,
    url: () => late.url,
    network: () => settings.network,
    probeWaitMs,
    probe,
    readerPatienceMs,
    changed,
  });
  return { late, liveTv, liveStreams };
}

export function createParts(options: ResolvedOptions) {
  const behaviour = behaviourOf(options.version);
  const file = openStateFile(options, behaviour);
  const { state } = file;
  const users = createUsers(state, options.now, file.save);
  if (file.fresh)
    for (const seed of seeds(options))
      users.add(seed.name, seed.password ?? `${seed.name}pw`, { RemoteClientBitrateLimit: seed.limitBps ?? 0, ...seed.policy });
  const key =
    (options.apiKey === undefined ? users.keys()[0] : users.key(options.apiKey)) ?? users.addKey('headgate-demo', options.apiKey);
  const transcodes = createTranscodes(() => performance.now());
  const sessions = createSessions({ now: options.now, transcodes, serverId: state.serverId, idleStopMs: options.idleStopMs });
  const settings = state.settings;
  const peerSecret = randomBytes(16).toString('hex');
  const server = { id: state.serverId, name: options.serverName, version: options.version };
  const legacyTokens = () => settings.configuration.EnableLegacyAuthorization;
  const identify = createIdentify({
    users,
    sessions,
    network: () => settings.network,
    legacyTokens,
    behaviour,
    server,
    peerSecret,
  });
  const seeded = seededBy(options);
  const log = createRequestLog(options.now);
  const sockets = createSockets({ identify, sessions, behaviour, log, silenceMs: options.socketSilenceMs });
  const library = openLibrary(seeded.folders, seeded.items, options.now);
  return {
    ...createUserParts({ options, behaviour, file, users, sockets, library, server }),
    behaviour,
    ...openLiveTv(options, behaviour, settings, file.save),
    file,
    users,
    key,
    transcodes,
    sessions,
    settings,
    peerSecret,
    server,
    legacyTokens,
    identify,
    log,
    sockets,
    library,
    realMedia: seeded.real,
    files: createMediaFiles(),
  };
}

function seededBy({ library, moreLibraries, now }: ResolvedOptions): Seeded {
  if (library) return itemsFromSeeds([...library, ...moreLibraries], now());
  const [ordinary, more] = [ordinaryItems(), itemsFromSeeds(moreLibraries, now())];
  return { folders: [...ordinary.folders, ...more.folders], items: [...ordinary.items, ...more.items], real: more.real };
}

export function createRoutes(
  parts: Parts,
  options: ResolvedOptions,
  negotiations: Negotiation[],
  control: { readonly url: () => string; readonly restart: () => void },
) {
  const { users, sessions, transcodes, library, behaviour, settings, file, userData, playlists } = parts;
  const items = {
    library,
    users,
    userData,
    watchedRevision: parts.watched.revision,
    selections: createSelectionCache(),
    serverId: parts.server.id,
    playlists,
    channelItem: parts.liveTv.item,
    channelImage: (id: string | null) => channelImage(parts.liveTv, id),
    groupsByCollection: () => settings.configuration['EnableGroupingMoviesIntoCollections'] === true,
    looksBelowByType: behaviour.looksBelowByType,
    groupsAcrossLibraries: behaviour.groupsAcrossLibraries,
    ratingsHaveScores: behaviour.ratingsHaveScores,
    scan: parts.liveTv.tasks.scan,
  };
  const reports = { ...parts, channelItem: parts.liveTv.item, now: options.now };
  sessions.listen(playbackListener(reports));
  parts.watchLibrary();
  const negotiated = (negotiation: Negotiation) => {
    negotiations.push(negotiation);
    if (negotiations.length > keptNegotiations) negotiations.splice(0, keptNegotiations / 10);
  };
  const serverLimitBps = () => settings.configuration.RemoteClientBitrateLimit;
  const live = createLivePlayback({ users, liveTv: parts.liveTv, streams: parts.liveStreams, serverLimitBps, negotiated });
  return [
    ...systemRoutes({ server: parts.server, settings, changed: file.save, ...control }),
    ...parts.webhooks.routes,
    ...parts.activity.routes,
    ...quickConnectRoutes({
      ...parts,
      now: options.now,
      available: () => settings.configuration['QuickConnectAvailable'] !== false,
    }),
    ...userRoutes({ ...parts, serverId: parts.server.id }),
    ...sessionRoutes(reports),
    ...playbackRoutes({
      users,
      library,
      transcodes,
      files: parts.files,
      live,
      serverLimitBps,
      negotiated,
    }),
    ...itemRoutes(items),
    ...libraryRoutes(items),
    ...liveTvRoutes({ liveTv: parts.liveTv, users, serverId: parts.server.id, behaviour, now: options.now }),
    ...live.routes,
    ...taskRoutes(parts.liveTv.tasks),
    ...userDataRoutes(parts),
    ...playlists.routes,
  ];
}
