// The parts of a simulated server and the routes over them, put together.
import { randomBytes } from 'node:crypto';
import { createIdentify } from './caller.ts';
import { channelImage } from './channel-image.ts';
import { itemRoutes } from './item-routes.ts';
import { ordinaryItems } from './library.ts';
import { libraryRoutes } from './library-routes.ts';
import { itemsFromSeeds, type Seeded } from './library-seeds.ts';
import { createLiveTv } from './live-tv.ts';
import { liveTvRoutes } from './live-tv-routes.ts';
import { createMediaFiles } from './media-files.ts';
import { openLibrary } from './open-library.ts';
import { type Negotiation, playbackRoutes } from './playback-routes.ts';
import { createPlaylists } from './playlists.ts';
import { createRequestLog } from './request-log.ts';
import { sessionRoutes } from './session-routes.ts';
import { createSessions } from './sessions.ts';
import { type ResolvedOptions, seeds } from './simulator-options.ts';
import { createSockets } from './sockets.ts';
import { openStateFile } from './state-file.ts';
import { systemRoutes } from './system-routes.ts';
import { taskRoutes } from './task-routes.ts';
import { createTranscodes } from './transcodes.ts';
import { createUserData } from './user-data.ts';
import { userDataRoutes } from './user-data-routes.ts';
import { userRoutes } from './user-routes.ts';
import { createUsers } from './users.ts';
import { behaviourOf } from './version-behaviour.ts';

const keptNegotiations = 10_000;

export type Parts = ReturnType<typeof createParts>;

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
  const seeded: Seeded = options.library
    ? itemsFromSeeds(options.library, options.now())
    : { ...ordinaryItems(), real: new Map() };
  const log = createRequestLog(options.now);
  const sockets = createSockets({ identify, sessions, behaviour, log, silenceMs: options.socketSilenceMs });
  const liveTv = createLiveTv({
    stored: settings.liveTv,
    behaviour,
    now: options.now,
    guideTaskMs: options.guideTaskMs,
    changed: file.save,
  });
  return {
    behaviour,
    liveTv,
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
    library: openLibrary(seeded.folders, seeded.items, options.now),
    realMedia: seeded.real,
    files: createMediaFiles(),
  };
}

export function createRoutes(
  parts: Parts,
  options: ResolvedOptions,
  negotiations: Negotiation[],
  control: { readonly url: () => string; readonly restart: () => void },
) {
  const { users, sessions, transcodes, library, behaviour, settings, file } = parts;
  const userData = createUserData(options.now, (userId, entry) => {
    // Debounced by the real server; unref'd, so that a simulator that is closed meanwhile ends.
    setTimeout(
      () => parts.sockets.toUser(userId, { Data: { UserId: userId, UserDataList: [entry] }, MessageType: 'UserDataChanged' }),
      500,
    ).unref();
  });
  const playlists = createPlaylists({ library, users, serverId: parts.server.id });
  const items = {
    library,
    users,
    userData,
    serverId: parts.server.id,
    playlists,
    channelItem: parts.liveTv.item,
    channelImage: (id: string | null) => channelImage(parts.liveTv, id),
    groupsByCollection: () => settings.configuration['EnableGroupingMoviesIntoCollections'] === true,
    looksBelowByType: behaviour.looksBelowByType,
    ratingsHaveScores: behaviour.ratingsHaveScores,
  };
  const negotiated = (negotiation: Negotiation) => {
    negotiations.push(negotiation);
    if (negotiations.length > keptNegotiations) negotiations.splice(0, keptNegotiations / 10);
  };
  return [
    ...systemRoutes({ server: parts.server, settings, changed: file.save, ...control }),
    ...userRoutes({ users, sessions, serverId: parts.server.id, behaviour, legacyTokens: parts.legacyTokens }),
    ...sessionRoutes({ sessions, transcodes, library, userData, now: options.now, channelItem: parts.liveTv.item }),
    ...playbackRoutes({
      users,
      library,
      transcodes,
      files: parts.files,
      serverLimitBps: () => settings.configuration.RemoteClientBitrateLimit,
      negotiated,
    }),
    ...itemRoutes(items),
    ...libraryRoutes(items),
    ...liveTvRoutes({ liveTv: parts.liveTv, users, serverId: parts.server.id, behaviour, now: options.now }),
    ...taskRoutes(parts.liveTv.tasks),
    ...userDataRoutes({ library, users, userData }),
    ...playlists.routes,
  ];
}
