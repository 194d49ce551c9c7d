// A webhook's other end: takes JSON by POST, and looks at the signature as the libraries of Standard Webhooks do.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { openReceiver, type Received, type Receiver } from './open-receiver.ts';

export type WebhookReceiver = Receiver & {
  /** What was taken, parsed. */
  messages(): readonly WebhookMessage[];
};

export type WebhookMessage = {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly severity: string;
  readonly title: string;
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  readonly repeats: number;
  readonly lost: number;
  readonly home: string;
};

export type WebhookReceiverOptions = {
  /** Else 404. */
  readonly path?: string;
  /** `whsec_…` or plain; else 401. */
  readonly secret?: string;
  /** Must come with this value, else 401. Lower-case name. */
  readonly header?: readonly [name: string, value: string];
  readonly tls?: { readonly key: string; readonly cert: string };
};

/** standardwebhooks: what is older, or from the future, is refused. */
const TOLERANCE_S = 5 * 60;

export async function startWebhookReceiver(options: WebhookReceiverOptions = {}): Promise<WebhookReceiver> {
  const receiver = await openReceiver({
    tls: options.tls,
    reply: (request) => ({ status: statusFor(request, options), body: '{"ok":true}' }),
  });
  return {
    ...receiver,
    messages: () =>
      receiver
        .received()
        .filter(({ status }) => status >= 200 && status < 300)
        .map(({ body }) => JSON.parse(body) as WebhookMessage),
  };
}

function statusFor({ method, target, headers, body }: Omit<Received, 'status'>, options: WebhookReceiverOptions): number {
  const { path, secret, header } = options;
  if (path !== undefined && target !== path) return 404;
  if (method !== 'POST') return 405;
  if (headers['content-type'] !== 'application/json') return 415;
  if (header !== undefined && headers[header[0]] !== header[1]) return 401;
  if (secret !== undefined && !isSigned(headers, body, secret)) return 401;
  try {
    JSON.parse(body);
    return 200;
  } catch {
    return 400;
  }
}

export function isSigned(headers: Readonly<Record<string, string>>, body: string, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures } = headers;
  if (!id || !seconds || !signatures || !/^\d+$/.test(seconds)) return false;
  if (Math.abs(Date.now() / 1_000 - Number(seconds)) > TOLERANCE_S) return false;
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const right = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest();
  return signatures.split(' ').some((one) => {
    const [version, value = ''] = one.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === right.length && timingSafeEqual(given, right);
  });
}
