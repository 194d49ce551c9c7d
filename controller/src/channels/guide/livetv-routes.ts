// Live TV under /api/livetv, by log-in, API token or `?token=`: the whole, or one channel.
import { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { type RequestFacts, type Route, rawBody, route } from '../../http/route.ts';
import { type Consumer, callerConsumer, tokenConsumer } from './consumer.ts';
import { CONTENT, type LiveRoutesDeps, part, streamed } from './live-routes.ts';
import type { LiveTvAnswers } from './livetv-answers.ts';

const query = z.object({ token: part.describe('A stream token, instead of a log-in.').optional() });
const shared = { method: 'get', tags: ['live-tv'], access: 'public', query } as const;
const one = z.object({ id: part });

/** `all` stands before `:id`: the first route that fits answers. */
export function livetvRoutes({ answers, tokens, baseUrl }: LiveRoutesDeps): readonly Route[] {
  const consumerOf: ConsumerOf = ({ caller, query: { token } }) => {
    const right = token === undefined ? null : tokens.check(token);
    const consumer =
      token === undefined ? callerConsumer(baseUrl, caller) : right === null ? null : tokenConsumer(baseUrl, token, right);
    if (consumer !== null) return consumer;
    const how = token === undefined ? 'log in, or send an API token or ?token=' : 'this token is not known';
    throw new ControllerError('unauthenticated', how);
  };
  return [
    ...playlists(answers, consumerOf),
    ...guides(answers, consumerOf),
    ...pictures(answers, consumerOf),
    stream(answers, consumerOf),
  ];
}

type Asking = Pick<RequestFacts, 'caller'> & { readonly query: { readonly token?: string | undefined } };
type ConsumerOf = (asking: Asking) => Consumer;

const playlists = (answers: LiveTvAnswers, consumerOf: ConsumerOf): readonly Route[] => [
  route({
    ...shared,
    path: '/api/livetv/m3u/all',
    summary: 'All channels as M3U',
    response: rawBody,
    contentType: CONTENT.m3u,
    handler: (input) => answers.playlist(consumerOf(input), null, input),
  }),
  route({
    ...shared,
    path: '/api/livetv/m3u/:id',
    summary: 'One channel as M3U',
    params: one,
    response: rawBody,
    contentType: CONTENT.m3u,
    handler: (input) => answers.playlist(consumerOf(input), input.params.id, input),
  }),
];

const guides = (answers: LiveTvAnswers, consumerOf: ConsumerOf): readonly Route[] => [
  route({
    ...shared,
    path: '/api/livetv/xmltv/all',
    summary: 'The guide of all channels as XMLTV',
    response: rawBody,
    contentType: CONTENT.xmltv,
    handler: (input) => answers.guide(consumerOf(input), null, { ...input, form: 'plain' }),
  }),
  route({
    ...shared,
    path: '/api/livetv/xmltv/:id',
    summary: 'The guide of one channel',
    params: one,
    response: rawBody,
    contentType: CONTENT.xmltv,
    handler: (input) => answers.guide(consumerOf(input), input.params.id, { ...input, form: 'plain' }),
  }),
];

const pictures = (answers: LiveTvAnswers, consumerOf: ConsumerOf): readonly Route[] => [
  route({
    ...shared,
    path: '/api/livetv/logo/:file',
    summary: 'Logo of a channel',
    params: z.object({ file: part }),
    response: rawBody,
    contentType: CONTENT.image,
    async handler(input) {
      consumerOf(input);
      return await answers.logo(input.params.file, input);
    },
  }),
  route({
    ...shared,
    path: '/api/livetv/image/:server/:item/:tag',
    summary: 'Picture of a programme',
    params: z.object({ server: part, item: part, tag: part }),
    response: rawBody,
    contentType: CONTENT.image,
    async handler(input) {
      consumerOf(input);
      return await answers.image(input.params, input);
    },
  }),
];

const stream = (answers: LiveTvAnswers, consumerOf: ConsumerOf): Route =>
  route({
    ...shared,
    path: '/api/livetv/stream/:id',
    summary: 'The stream of a channel: the same as under /live',
    params: one,
    response: streamed,
    contentType: CONTENT.stream,
    handler: (input) => answers.stream(consumerOf(input), input.params.id, input),
  });
