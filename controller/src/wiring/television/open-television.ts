// TV channels, wired: libraries and schedule, guide and playlist, the stream process, Live TV of the Jellyfins, an HDHomeRun.
import { join } from 'node:path';
import { openStreamTokens, type StreamTokens, type StreamTokenTables } from '../../channels/capabilities/stream-tokens.ts';
import { openTokenKey } from '../../channels/capabilities/token-key.ts';
import { type Catalogue, createCatalogue } from '../../channels/catalogue.ts';
import { createCatalogueFiles } from '../../channels/catalogue-files.ts';
import type { Channel } from '../../channels/channel.ts';
import type { Channels } from '../../channels/channels.ts';
import { createChannels } from '../../channels/channels-service.ts';
import type { GuideCache } from '../../channels/guide/guide-cache.ts';
import { addressProblem, ownAddress } from '../../channels/guide/own-address.ts';
import { deviceId } from '../../channels/hdhomerun/device-id.ts';
import { openHdHomeRun } from '../../channels/hdhomerun/open-hdhomerun.ts';
import { type AllChannelTables, openChannelStores } from '../../channels/open-channel-stores.ts';
import { openPictureStore, type PictureTables } from '../../channels/picture-store.ts';
import type { LiveTvRegistration } from '../../channels/registration/registration-service.ts';
import { openRegistrationStore, type RegistrationTables } from '../../channels/registration/registration-store.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import { openFfmpeg } from '../../ffmpeg/open-ffmpeg.ts';
import type { DiscoveredChannel } from '../../home-assistant/channel-device.ts';
import type { Route } from '../../http/route.ts';
import { openSourceProxy } from '../../live/source-proxy.ts';
import type { Log } from '../../log.ts';
import type { Happened } from '../../notify/events.ts';
import { instanceId } from '../instance-id.ts';
import type { LibraryServer } from '../open-media-server.ts';
import { type Answering, createAnswers, televisionRoutes } from './answers.ts';
import type { LiveSessions } from './live-sessions.ts';
import { createLooks, type Looks } from './looks.ts';
import { registrationOf } from './registration.ts';
import { runTelevision, type TelevisionMqtt } from './run-television.ts';
import { liveSettings, publicBase } from './settings-of-config.ts';
import { probeBy, televisionSources } from './sources.ts';
import { createStudio, type Studio } from './studio.ts';

export type TelevisionDeps = {
  readonly config: Config;
  readonly libraryServers: readonly LibraryServer[];
  readonly database: Database;
  readonly sessions: LiveSessions;
  /** Whether one more stream to an address finds room on the uplink. */
  readonly fits: (address: string, bps: number) => boolean;
  readonly tell: (event: Happened) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type Television = AsyncDisposable & {
  readonly channels: Channels;
  readonly routes: readonly Route[];
  readonly studio: Studio;
  discovered(): readonly DiscoveredChannel[];
  /** Called when channels came, went or were renamed. Answers with a function that ends it. */
  onNames(listener: () => void): () => void;
  /** Sentences on what keeps channels from running. */
  problems(): readonly string[];
  /** Plans, probes, registers and tells until the signal fires. Never rejects. */
  run(mqtt: TelevisionMqtt, signal: AbortSignal): Promise<void>;
};

/** @throws ControllerError storage_failed, conflict where the HDHomeRun's port is taken */
export async function openTelevision(deps: TelevisionDeps): Promise<Television> {
  const { config, database, clock, tell, sessions } = deps;
  const log = deps.log.child({ part: 'channels' });
  await using stack = new AsyncDisposableStack();
  const ending = new AbortController();
  stack.defer(() => ending.abort());
  const folder = config.database.path;
  const ffmpeg = openFfmpeg(liveSettings(config, ''), log);
  const sources = televisionSources(deps.libraryServers, config.channels, ffmpeg.probeMedia);
  const proxy = stack.use(await openSourceProxy(log));
  const stores = await openChannelStores(database.tables<AllChannelTables>());
  const looks = createLooks(await openPictureStore(database.tables<PictureTables>()), config.channels.logosPath, log);
  const catalogue = createCatalogue({
    readLibrary: sources.readLibrary,
    files: createCatalogueFiles(join(folder, 'catalogue')),
    clock,
    log,
    signal: ending.signal,
  });
  const channels = createChannels({
    stores,
    catalogue,
    media: { sourceOf: sources.sourceOf, agreeOnCopy: looks.agreeOnCopy, probeItem: probeBy({ sources, ffmpeg, proxy }) },
    home: homeOf(config, sources.names),
    clock,
    log,
    tell,
  });
  const studio = stack.use(
    createStudio({
      channels,
      settings: liveSettings(config, join(folder, 'slates')),
      lookOf: looks.lookOf,
      sessions,
      fits: config.channels.refuseWhenFull ? deps.fits : null,
      itemFailed: (id, entry, reason) => tellFailure(deps, { id, entry, reason, channels }),
      clock,
      log: deps.log.child({ part: 'live' }),
    }),
  );
  const tokens = await openTokens(deps, studio);
  const place = ownPlace(deps, channels, log);
  const registration = registrationOf({
    ...{ libraryServers: deps.libraryServers, byItself: config.channels.register, ...place, tokens, channels, studio },
    ...{ store: await openRegistrationStore(database.tables<RegistrationTables>()), lookOf: looks.lookOf, clock },
    note: stores.channels.register,
    log: deps.log.child({ part: 'live-tv' }),
  });
  const answering: Answering = { channels, stores, sources, tokens, registration, studio, sessions, clock, config, ...place };
  const { answers, guide } = createAnswers(answering);
  follow({ channels, catalogue, studio, looks, guide, registration });
  studio.refresh();
  if (config.channels.hdhomerun.enabled) stack.use(await openHdHomeRun(await hdHomeRunOf(deps, { channels, studio, log })));
  const kept = stack.move();
  return {
    channels,
    studio,
    routes: televisionRoutes(answering, answers),
    discovered: () => channels.all().map(asDevice),
    onNames: (listener) => channels.onChannelChange(listener),
    problems: () => [...problemsOf(channels, studio)],
    run: (mqtt, signal) => runTelevision(deps, { channels, registration, ffmpeg }, mqtt, signal),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Slots fix times, which skipping would move. */
const asDevice = ({ id, name, rules: { slots, dates } }: Channel): DiscoveredChannel => ({
  id,
  name,
  maySkip: slots.length === 0 && dates.every((rule) => rule.slots.length === 0),
});

const homeOf = ({ home, channels }: Config, servers: readonly string[]) => ({
  timeZone: home.timeZone,
  scheduler: channels.scheduler,
  servers,
  hasClips: channels.commercialsPath !== null,
});

/** How others reach us, and why they may not. */
function ownPlace({ config, libraryServers }: TelevisionDeps, channels: Pick<Channels, 'all'>, log: Log) {
  const baseUrl = ownAddress(publicBase(config), config.http.listen);
  const mediaServers = config.mediaServers.filter(({ name }) => libraryServers.some((one) => one.name === name));
  const baseProblem = addressProblem({ baseUrl, listenHost: config.http.listen.host, mediaServers });
  if (baseProblem !== null && (channels.all().length > 0 || config.channels.register)) log.warn({}, baseProblem);
  return { baseUrl, baseProblem };
}

/** Whose right ends, ends watching. */
async function openTokens({ database, config, clock, log }: TelevisionDeps, studio: Studio): Promise<StreamTokens> {
  return await openStreamTokens({
    tables: database.tables<StreamTokenTables>(),
    key: await openTokenKey(config.database.path),
    clock,
    log: log.child({ part: 'channels' }),
    onRemoved: ({ id }) => studio.endConsumer(id),
  });
}

type Followers = {
  readonly channels: Channels;
  readonly catalogue: Pick<Catalogue, 'onChange'>;
  readonly studio: Studio;
  readonly looks: Looks;
  readonly guide: GuideCache;
  readonly registration: LiveTvRegistration;
};

/** One table is the truth: whoever shows it learns of each change. */
function follow({ channels, catalogue, studio, looks, guide, registration }: Followers): void {
  // Descriptions, genres, pictures.
  catalogue.onChange(() => guide.forget(null));
  const logos = new Map(channels.all().map(({ id, logo }) => [id, logo]));
  channels.onScheduleChange((id, fromMs) => {
    guide.forget(id);
    studio.replan(id, fromMs);
    registration.scheduleChanged();
  });
  channels.onChannelChange((id) => {
    const channel = channels.all().find((one) => one.id === id);
    if (channel === undefined) looks.forget(id);
    else if (logos.has(id) && logos.get(id) !== channel.logo) registration.logoChanged(String(id));
    if (channel === undefined) logos.delete(id);
    else logos.set(id, channel.logo);
    guide.forget(id);
    studio.refresh();
    registration.channelsChanged();
  });
  looks.onSettled(studio.refresh);
}

async function hdHomeRunOf(
  { config }: TelevisionDeps,
  { channels, studio, log }: { channels: Channels; studio: Studio; log: Log },
) {
  const { listen, allowed, tuners, deviceId: wanted } = config.channels.hdhomerun;
  const base = publicBase(config);
  return {
    listen,
    allowed,
    device: {
      id: wanted ?? deviceId(await instanceId(config.database.path)),
      name: `Headgate ${config.home.name}`,
      // The same name as everything else of ours, with its own port.
      baseUrl: base === null ? null : `${new URL(base).protocol}//${new URL(base).hostname}:${listen.port}`,
      tunerCount: tuners,
    },
    channels: channels.all,
    tune: studio.tune,
    log,
  };
}

function tellFailure(
  { tell }: TelevisionDeps,
  { id, entry, reason, channels }: { id: number; entry: string; reason: string; channels: Channels },
): void {
  const channel = channels.all().find((one) => one.id === id);
  tell({
    type: 'channel_item_failed',
    severity: 'warning',
    text: `Channel ${channel?.number ?? id} "${channel?.name ?? ''}": a programme could not be played: ${reason}`,
    details: { channel: id, entry },
  });
}

function* problemsOf(channels: Channels, studio: Studio): Generator<string> {
  const problem = studio.problem();
  if (problem !== null) yield problem;
  for (const { id, name, enabled } of channels.all()) {
    const { problem: unplanned } = channels.state(id);
    if (enabled && unplanned !== null) yield `channel "${name}": ${unplanned}`;
  }
}
