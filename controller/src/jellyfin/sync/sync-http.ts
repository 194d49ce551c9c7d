// What sync asks of a Jellyfin goes the way of all its calls, and each answer tells what time it is there.
import type * as z from 'zod';
import type { Clock } from '../../clock.ts';
import { decodeJson } from '../../http-client/decode-answer.ts';
import type { HttpRequest } from '../../http-client/open-http-client.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { type ClockSkew, createClockSkew } from './clock-skew.ts';

/** All calls throw ControllerError. */
export type SyncHttp = Pick<JellyfinHttp, 'who' | 'send' | 'outages'> & {
  /** JSON that fits the schema; `upstream_failed` names the field that does not. */
  ask<Schema extends z.ZodType>(schema: Schema, request: HttpRequest): Promise<z.infer<Schema>>;
  readonly clockSkew: ClockSkew['read'];
};

export const createSyncHttp = (http: JellyfinHttp, clock: Pick<Clock, 'now'>): SyncHttp => {
  const skew = createClockSkew();
  const send: SyncHttp['send'] = async (request) => {
    const sentMs = clock.now();
    const answer = await http.send(request);
    const { date } = answer.headers;
    if (typeof date === 'string') skew.note(date, sentMs, clock.now());
    return answer;
  };
  return {
    who: http.who,
    outages: http.outages,
    send,
    async ask<Schema extends z.ZodType>(schema: Schema, request: HttpRequest) {
      const { text } = await send(request);
      return decodeJson(schema, text, `${http.who}: ${request.method ?? 'GET'} ${request.path}`) as z.infer<Schema>;
    },
    clockSkew: skew.read,
  };
};
