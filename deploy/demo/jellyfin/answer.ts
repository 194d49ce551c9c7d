// Answers in the shapes that a real Jellyfin gives, and the error that carries a refusal out of a handler.
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FieldErrors } from './policy.ts';

export type Answer = {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Buffer | Readable;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Nulls and undefined are omitted, as the real server does, but for the few that it writes. */
export function json(value: unknown, status = 200): Answer {
  const body = JSON.stringify(value, (key, entry) => (entry === null && key !== 'ChannelId' ? undefined : entry));
  return { status, type: 'application/json; charset=utf-8', body };
}

/** As `json`, where no null is in it but those that are written: a page of items is large. */
export function written(value: unknown): Answer {
  return { status: 200, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

export const noContent: Answer = { status: 204 };

export function text(body: string, status = 200, type = 'text/plain'): Answer {
  return { status, type, body };
}

function problem(status: number, title: string, errors?: FieldErrors): Answer {
  const section = { 400: '15.5.1', 403: '15.5.4', 404: '15.5.5' }[status] ?? '15.5';
  const traceId = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  return json({ type: `https://tools.ietf.org/html/rfc9110#section-${section}`, title, status, errors, traceId }, status);
}

/** Thrown by a handler: the answer is sent as it is. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`answered ${answer.status}`);
    this.name = 'Refusal';
    this.answer = answer;
  }
}

export const refusals = {
  /** No or wrong token: an empty body. */
  unauthorized: () => new Refusal({ status: 401 }),
  forbidden: () => new Refusal({ status: 403 }),
  /** What an exception becomes outside Development: ArgumentException 400, AuthenticationException 401, SecurityException 403. */
  processing: (status: number) => new Refusal(text('Error processing request.', status)),
  badRequest: () => new Refusal(problem(400, 'Bad Request')),
  notFound: () => new Refusal(problem(404, 'Not Found')),
  invalid: (errors: FieldErrors) => new Refusal(problem(400, 'One or more validation errors occurred.', errors)),
  sentence: (status: number, sentence: string) => new Refusal(json(sentence, status)),
} as const;
