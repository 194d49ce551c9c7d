// What Live TV routes answer with, whoever asks: playlist, guide, logos, pictures, streams. Their rights are checked before.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { ControllerError } from '../../errors.ts';
import { handedOver, type RawBody, type RequestFacts } from '../../http/route.ts';
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { Channel } from '../channel.ts';
import type { Artwork } from './artwork.ts';
import { createGuideAnswers, isKnown } from './conditional-answer.ts';
import type { Consumer } from './consumer.ts';
import type { GuideCache } from './guide-cache.ts';
import type { Logos } from './logo.ts';
import type { Picture } from './picture-type.ts';
import { onAir, playlistM3u } from './playlist-m3u.ts';

export type TuneRequest = {
  readonly channel: Channel;
  /** Name of the token or log-in. */
  readonly consumer: string;
  /** Id of the token, by which its viewers are ended; null for a log-in and for HDHomeRun. */
  readonly tokenId: string | null;
  readonly address: string;
  readonly userAgent: string | null;
  readonly method: 'GET' | 'HEAD';
  readonly handOver: () => Socket;
};

/** Hands the connection to whoever streams; it writes the whole answer. @throws ControllerError before that: too_many, and what else keeps it from starting. */
export type Tune = (request: TuneRequest) => Promise<void>;

export type LiveTvDeps = {
  readonly channels: () => readonly Channel[];
  readonly itemOf: (key: string) => CatalogueItem | null;
  readonly guide: GuideCache;
  readonly artwork: Artwork;
  readonly logos: Logos;
  readonly tune: Tune;
};

export type LiveTvAnswers = ReturnType<typeof createLiveTvAnswers>;

type Facts = Pick<RequestFacts, 'header' | 'reply' | 'method' | 'address' | 'handOver'>;

export function createLiveTvAnswers({ channels, itemOf, guide, artwork, logos, tune }: LiveTvDeps) {
  const guideAnswers = createGuideAnswers();
  const chosen = (id: string | null): readonly Channel[] => (id === null ? onAir(channels()) : [known(channels(), id)]);
  return {
    /** @param id null for all that are on. @throws ControllerError not_found, denied for one that is switched off */
    playlist(consumer: Consumer, id: string | null, facts: Facts): RawBody {
      const logo = (channel: Channel) => logos.address(channel, consumer.root);
      const text = playlistM3u(chosen(id), { stream: consumer.streamUrl, guide: consumer.guideUrl, logo });
      return isKnown(facts, `"${digest(text)}"`) ? undefined : text;
    },
    /** @param form `file` for a .gz. @throws as playlist */
    async guide(consumer: Consumer, id: string | null, facts: Facts & { readonly form: 'file' | 'plain' }): Promise<RawBody> {
      const { root } = consumer;
      const made = await guide.guide(chosen(id), { root, logo: (channel) => logos.address(channel, root) });
      return await guideAnswers.answer(made, facts, facts.form);
    },
    /** @param file `<id>` or `<id>-<anything>`, as Logos.address makes it; also of a channel that is off: the web page shows it. */
    async logo(file: string, facts: Facts): Promise<RawBody> {
      const channel = find(channels(), file.split(/[-.]/)[0] ?? '');
      const picture = channel === undefined ? null : await logos.read(channel);
      if (picture === null) throw new ControllerError('not_found', 'there is no such logo');
      return show(picture, digest(picture.bytes), facts);
    },
    /** Only of items in the catalogue, so that an address is no key to the whole media server. */
    async image(at: { readonly server: string; readonly item: string }, facts: Facts): Promise<RawBody> {
      const image = itemOf(itemKey({ server: at.server, id: at.item }))?.image ?? null;
      const picture = image === null ? null : await artwork.read({ server: at.server, ...image });
      if (picture === null) throw new ControllerError('not_found', 'there is no such picture');
      return show(picture, digest(`${image?.itemId}/${image?.tag}`), facts);
    },
    async stream(consumer: Pick<Consumer, 'name' | 'tokenId'>, id: string, facts: Facts): Promise<typeof handedOver> {
      const { address, header, method, handOver } = facts;
      const { name, tokenId } = consumer;
      await tune({
        channel: known(channels(), id),
        consumer: name,
        tokenId,
        address,
        userAgent: header('user-agent'),
        method: method === 'HEAD' ? 'HEAD' : 'GET',
        handOver,
      });
      return handedOver;
    },
  };
}

const find = (channels: readonly Channel[], id: string): Channel | undefined =>
  /^[1-9]\d{0,14}$/.test(id) ? channels.find((channel) => channel.id === Number(id)) : undefined;

/** @throws ControllerError not_found, denied where it is switched off */
function known(channels: readonly Channel[], id: string): Channel {
  const channel = find(channels, id);
  if (channel === undefined) throw new ControllerError('not_found', 'there is no such channel');
  if (!channel.enabled) throw new ControllerError('denied', 'this channel is switched off');
  return channel;
}

function show({ bytes, contentType }: Picture, etag: string, facts: Facts): RawBody {
  facts.reply.header('Content-Type', contentType);
  return isKnown(facts, `"${etag}"`) ? undefined : bytes;
}

const digest = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('base64url').slice(0, 27);
