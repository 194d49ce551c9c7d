// Live TV by a consumer's address: `/live/<token>/…`, which never changes and needs nothing else.
import { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { type handedOver, type RawBody, type Route, rawBody, route } from '../../http/route.ts';
import { type Consumer, type Right, tokenConsumer } from './consumer.ts';
import type { LiveTvAnswers } from './livetv-answers.ts';

export type LiveRoutesDeps = {
  readonly answers: LiveTvAnswers;
  /** Whose right a token is; null where it is none. */
  readonly tokens: { readonly check: (token: string) => Right | null };
  /** Of the configuration, without a slash at its end. Never the Host header: whoever sends one would choose where others tune in. */
  readonly baseUrl: string;
};

export const CONTENT = {
  m3u: 'audio/x-mpegurl; charset=utf-8',
  xmltv: 'application/xml; charset=utf-8',
  packed: 'application/gzip',
  stream: 'video/mp2t',
  image: 'image/*',
} as const;

/** The stream process answers, not we. */
export const streamed = z.custom<RawBody | typeof handedOver>(() => true).meta({ type: 'string', format: 'binary' });
export const part = z.string().max(300);
const token = part.describe('What POST /api/livetv/tokens tells.');
const shared = { method: 'get', tags: ['live-tv'], access: 'public' } as const;

/** A wrong token and a revoked one are answered alike, whatever follows. */
export function liveRoutes(deps: LiveRoutesDeps): readonly Route[] {
  const consumerOf = (text: string): Consumer => {
    const right = deps.tokens.check(text);
    if (right === null) throw new ControllerError('not_found', 'this address holds no valid token; it may have been revoked');
    return tokenConsumer(deps.baseUrl, text, right);
  };
  return [...documents(deps.answers, consumerOf), ...pictures(deps.answers, consumerOf), stream(deps.answers, consumerOf)];
}

type ConsumerOf = (token: string) => Consumer;

const documents = (answers: LiveTvAnswers, consumerOf: ConsumerOf): readonly Route[] => [
  route({
    ...shared,
    path: '/live/:token/playlist.m3u',
    summary: 'All channels as M3U',
    params: z.object({ token }),
    response: rawBody,
    contentType: CONTENT.m3u,
    handler: ({ params, ...facts }) => answers.playlist(consumerOf(params.token), null, facts),
  }),
  route({
    ...shared,
    path: '/live/:token/guide.xml',
    summary: 'The guide of all channels as XMLTV',
    params: z.object({ token }),
    response: rawBody,
    contentType: CONTENT.xmltv,
    handler: ({ params, ...facts }) => answers.guide(consumerOf(params.token), null, { ...facts, form: 'plain' }),
  }),
  route({
    ...shared,
    path: '/live/:token/guide.xml.gz',
    summary: 'The guide as a packed file',
    params: z.object({ token }),
    response: rawBody,
    contentType: CONTENT.packed,
    handler: ({ params, ...facts }) => answers.guide(consumerOf(params.token), null, { ...facts, form: 'file' }),
  }),
];

const pictures = (answers: LiveTvAnswers, consumerOf: ConsumerOf): readonly Route[] => [
  route({
    ...shared,
    path: '/live/:token/logo/:file',
    summary: 'Logo of a channel',
    params: z.object({ token, file: part }),
    response: rawBody,
    contentType: CONTENT.image,
    async handler({ params, ...facts }) {
      consumerOf(params.token);
      return await answers.logo(params.file, facts);
    },
  }),
  route({
    ...shared,
    path: '/live/:token/image/:server/:item/:tag',
    summary: 'Picture of a programme',
    params: z.object({ token, server: part, item: part, tag: part }),
    response: rawBody,
    contentType: CONTENT.image,
    async handler({ params, ...facts }) {
      consumerOf(params.token);
      return await answers.image(params, facts);
    },
  }),
];

const stream = (answers: LiveTvAnswers, consumerOf: ConsumerOf): Route =>
  route({
    ...shared,
    path: '/live/:token/:channel.ts',
    summary: 'The stream of a channel, as MPEG-TS without an end',
    params: z.object({ token, channel: part }),
    response: streamed,
    contentType: CONTENT.stream,
    handler: ({ params, ...facts }) => answers.stream(consumerOf(params.token), params.channel, facts),
  });
