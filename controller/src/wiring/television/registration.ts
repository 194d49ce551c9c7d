// Live TV registration with the Jellyfins of the home: one stream token each, channels warmed through the studio.
import type { StreamTokens } from '../../channels/capabilities/stream-tokens.ts';
import { consumerUrls } from '../../channels/capabilities/token-routes.ts';
import type { Channel } from '../../channels/channel.ts';
import type { Channels } from '../../channels/channels.ts';
import { liveRoot } from '../../channels/guide/consumer.ts';
import type { RegistrationServer } from '../../channels/registration/carry-out.ts';
import { createLiveTvRegistration, type LiveTvRegistration } from '../../channels/registration/registration-service.ts';
import type { Registration, RegistrationStore } from '../../channels/registration/registration-store.ts';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { ChannelLook } from '../../on-air/live-messages.ts';
import { pictureKey } from '../../on-air/picture.ts';
import type { LibraryServer } from '../open-media-server.ts';
import type { Studio } from './studio.ts';

export type RegistrationWiring = {
  readonly libraryServers: readonly LibraryServer[];
  readonly store: RegistrationStore;
  /** Notes on the channels what stands for them. */
  readonly note: (ids: Pick<Registration, 'tunerHostId' | 'listingProviderId'>) => Promise<void>;
  readonly byItself: boolean;
  readonly baseUrl: string;
  readonly tokens: StreamTokens;
  readonly channels: Pick<Channels, 'all'>;
  readonly studio: Pick<Studio, 'warm' | 'isWatching'>;
  readonly lookOf: (channel: Channel) => ChannelLook;
  readonly clock: Clock;
  readonly log: Log;
};

/** A token by this name is a server's: it can be revoked like any other, and the next look makes a new one. */
const consumerOf = (server: string): string => `Jellyfin ${server}`;

export function registrationOf(wiring: RegistrationWiring): LiveTvRegistration {
  const { tokens, baseUrl, channels, studio, lookOf, byItself, clock, log } = wiring;
  return createLiveTvRegistration({
    servers: wiring.libraryServers.map(asServer),
    async addresses(server) {
      const root = liveRoot(baseUrl, tokens.textOf(await tokens.ensure(consumerOf(server))));
      const { playlist, guide_gz: guide } = consumerUrls(root);
      return { playlistUrl: playlist, guideUrl: guide };
    },
    isOurs: (url) => tokens.isOurs(tokenIn(url)),
    store: notingStore(wiring),
    byItself,
    warming: {
      channels: () =>
        channels
          .all()
          .filter(({ enabled }) => enabled)
          .map((channel) => ({
            id: String(channel.id),
            number: channel.number,
            name: channel.name,
            picture: pictureKey(lookOf(channel).picture),
          })),
      isTuned: (server) => studio.isWatching(consumerOf(server)),
      begin: (server, channel) => studio.warm(consumerOf(server), channel, true),
      end: (server, channel) => studio.warm(consumerOf(server), channel, false),
    },
    clock,
    log,
  });
}

/** A channel shows one tuner and one guide: those of the first Jellyfin that has any. */
function notingStore({ libraryServers, store, note }: RegistrationWiring): RegistrationStore {
  return {
    ...store,
    async set(server, registration) {
      await store.set(server, registration);
      const { tunerHostId, listingProviderId } =
        libraryServers.map(({ name }) => store.get(name)).find((one) => one.tunerHostId !== null) ?? NOWHERE;
      await note({ tunerHostId, listingProviderId });
    },
  };
}

const NOWHERE = { tunerHostId: null, listingProviderId: null };

/** By key there is no user: opening a channel takes the one whose view of the libraries is taken. */
const asServer = ({ name, liveTv, library }: LibraryServer): RegistrationServer => ({
  ...liveTv,
  name,
  open: async (channel, signal) => await liveTv.open(channel, (await library.currentUser(signal)).id, signal),
});

const tokenIn = (url: string): string => (URL.canParse(url) ? (/^\/live\/([^/]+)\//.exec(new URL(url).pathname)?.[1] ?? '') : '');
