// A webhook: one JSON object by POST, signed as Standard Webhooks have it where there is a secret.
import { createHmac } from 'node:crypto';
import { outcomeOf } from './send-outcome.ts';
import type { Post, Sink } from './sink.ts';

export type WebhookOptions = {
  readonly name: string;
  readonly post: Post;
  /** Of this home, for a receiver that hears of several. */
  readonly home: string;
  /** `whsec_` and base64, or plain text; null does not sign. */
  readonly secret: string | null;
  /** One more header, e.g. `authorization`. */
  readonly header: { readonly name: string; readonly value: string } | null;
  /** UTC ms. */
  readonly now: () => number;
};

export function webhookSink({ name, post, home, secret, header, now }: WebhookOptions): Sink {
  const key = secret === null ? null : keyOf(secret);
  return {
    name,
    type: 'webhook',
    async send({ id, at, type, severity, title, text, details, repeats, lost }, signal) {
      const body = JSON.stringify({ id, at, type, severity, title, text, details, repeats, lost, home, source: 'headgate' });
      const seconds = String(Math.floor(now() / 1_000));
      const signature = key === null ? {} : { 'webhook-signature': signatureOf(key, `${id}.${seconds}.${body}`) };
      const headers = {
        'content-type': 'application/json',
        // https://www.standardwebhooks.com: the id is the same at each attempt.
        'webhook-id': id,
        'webhook-timestamp': seconds,
        ...signature,
        ...(header === null ? {} : { [header.name.toLowerCase()]: header.value }),
      };
      const { status, retryAfter } = await post({ headers, body, readsAnswer: false }, signal);
      return outcomeOf(status, retryAfter, now());
    },
  };
}

const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8');

const signatureOf = (key: Buffer, signed: string): string => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
