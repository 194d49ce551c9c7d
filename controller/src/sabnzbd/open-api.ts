// SABnzbd's API: everything goes as a form, so that the key is in no URL, and a refusal is not knocked at again and again.
import { type ZodType, z } from 'zod';
import type { Clock } from '../clock.ts';
import type { ControllerError } from '../errors.ts';
import { decodeJson, decodeValue } from '../http-client/decode-answer.ts';
import type { HttpClient } from '../http-client/open-http-client.ts';
import { createStandingRefusal } from '../neighbours/standing-refusal.ts';
import { outcome } from './answers.ts';
import { errorOf, failureOf } from './explain-answer.ts';

export type Api = {
  /** The checked answer to a question. @throws ControllerError */
  ask<T>(schema: ZodType<T>, fields: ApiFields, signal: AbortSignal): Promise<T>;
  /** A change; only for what may be sent twice. @throws ControllerError also where it was not carried out. */
  tell(fields: ApiFields, signal: AbortSignal): Promise<void>;
};

export type ApiFields = Readonly<Record<string, string>> & { readonly mode: string };

/** Each refused try is a warning in SABnzbd's own window: it is not asked more often than this. */
const lookAgainMs = 5 * 60_000;

export const openApi = (deps: { name: string; http: HttpClient; apiKey: string; clock: Clock }): Api => {
  const { name, http, apiKey, clock } = deps;
  const refusal = createStandingRefusal(clock);

  // Of what every poll asks: other questions may need more rights.
  const remember = (error: ControllerError, mode: string): ControllerError =>
    error.code === 'upstream_refused' && mode === 'queue' ? refusal.keep(error, lookAgainMs) : error;
  const exchange = async (fields: ApiFields, signal: AbortSignal): Promise<unknown> => {
    refusal.throwIfStands();
    const answer = await http.request({
      method: 'POST',
      path: 'api',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ output: 'json', ...fields, apikey: apiKey }).toString(),
      repeatable: true,
      signal,
    });
    const failure = failureOf(name, answer.status, answer.text);
    if (failure !== null) throw remember(failure, fields.mode);
    const value = decodeJson(z.unknown(), answer.text, `${name} ${fields.mode}`);
    const failed = outcome.safeParse(value).data;
    if (failed?.status === false) throw remember(errorOf(name, fields.mode, failed.error ?? ''), fields.mode);
    return value;
  };
  return {
    ask: async (schema, fields, signal) => decodeValue(schema, await exchange(fields, signal), `${name} ${fields.mode}`),
    tell: async (fields, signal) => {
      decodeValue(outcome, await exchange(fields, signal), `${name} ${fields.mode}`);
    },
  };
};
