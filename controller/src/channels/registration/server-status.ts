// How the registration stands at one server, for people. Addresses are shown without their path: it holds the token.
import { messageOf } from '../../errors.ts';
import type { GuideTask, RegistrationServer } from './carry-out.ts';
import type { WarmChannel } from './pre-warm.ts';
import type { RegistrationStore } from './registration-store.ts';
import { seenAs } from './seen-channel.ts';

export type ChannelStatus = {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  /** The server's own id of it; null where it does not show it (yet). */
  readonly seenAs: string | null;
  readonly warmedMs: number | null;
};

export type ServerStatus = {
  readonly server: string;
  readonly wanted: boolean;
  /** `origin` of the address that the server has. */
  readonly tuner: { readonly id: string; readonly origin: string } | null;
  readonly guideProvider: { readonly id: string; readonly origin: string } | null;
  readonly guide: GuideTask | null;
  readonly channels: readonly ChannelStatus[];
  readonly problem: string | null;
};

export type StatusDeps = {
  readonly server: RegistrationServer;
  readonly problem: string | null;
  readonly wanted: boolean;
  readonly isOurs: (url: string) => boolean;
  readonly store: RegistrationStore;
  readonly channels: readonly WarmChannel[];
};

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : 'unknown');

/** A server that does not answer has a problem and no facts. Rejects only when the signal fires. */
export const readStatus = async (deps: StatusDeps, signal: AbortSignal): Promise<ServerStatus> => {
  const { server, wanted, isOurs, store, channels } = deps;
  const rows = (seen: Awaited<ReturnType<RegistrationServer['channels']>>): readonly ChannelStatus[] =>
    channels.map((channel) => ({
      id: channel.id,
      number: channel.number,
      name: channel.name,
      seenAs: seenAs(channel, seen)?.id ?? null,
      warmedMs: store.warmth(server.name, channel.id)?.warmedMs ?? null,
    }));
  try {
    const [standing, guide, seen] = await Promise.all([
      server.registered(signal),
      server.guideTask(signal),
      server.channels(signal),
    ]);
    const tuner = standing.tuners.find(({ url }) => isOurs(url));
    const provider = standing.providers.find(({ path }) => isOurs(path));
    return {
      server: server.name,
      wanted,
      tuner: tuner ? { id: tuner.id, origin: originOf(tuner.url) } : null,
      guideProvider: provider ? { id: provider.id, origin: originOf(provider.path) } : null,
      guide,
      channels: rows(seen),
      problem: deps.problem,
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      server: server.name,
      wanted,
      tuner: null,
      guideProvider: null,
      guide: null,
      channels: rows([]),
      problem: messageOf(error),
    };
  }
};
