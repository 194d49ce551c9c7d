// Who reads playlist, guide and streams, and where the addresses that it is given begin. Pure.
import type { Caller } from '../../http/route.ts';
import type { Channel } from '../channel.ts';

export type Consumer = {
  /** Of the token or log-in; fit for logs. */
  readonly name: string;
  /** Null for a log-in. */
  readonly tokenId: string | null;
  /** `<base>/live/<token>` or `<base>/api/livetv`. */
  readonly root: string;
  /** Of all channels. */
  readonly guideUrl: string;
  readonly streamUrl: (channel: Channel) => string;
};

export type Right = { readonly id: string; readonly name: string };

/** @param baseUrl of the configuration, without a slash at its end. */
export const liveRoot = (baseUrl: string, token: string): string => `${baseUrl}/live/${token}`;

/** The packed one: Jellyfin unpacks by the end of the path. @param root liveRoot */
export const guideUrl = (root: string): string => `${root}/guide.xml.gz`;

/** The one address of a channel for a consumer: change a character of it, and for Jellyfin it is another channel. @param root liveRoot */
const streamUrl = (root: string, { id }: Pick<Channel, 'id'>): string => `${root}/${id}.ts`;

export function tokenConsumer(baseUrl: string, token: string, right: Right): Consumer {
  const root = liveRoot(baseUrl, token);
  return {
    name: right.name,
    tokenId: right.id,
    root,
    guideUrl: guideUrl(root),
    streamUrl: (channel) => streamUrl(root, channel),
  };
}

/** A log-in is no part of an address: who reads this playlist sends it with each request. Null for nobody. */
export function callerConsumer(baseUrl: string, caller: Caller): Consumer | null {
  if (caller.kind === 'nobody') return null;
  const root = `${baseUrl}/api/livetv`;
  return { name: caller.name, tokenId: null, root, guideUrl: `${root}/xmltv/all`, streamUrl: ({ id }) => `${root}/stream/${id}` };
}
