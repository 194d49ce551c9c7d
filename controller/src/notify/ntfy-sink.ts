// ntfy: published as JSON to the server's root, so that neither title nor topic has to pass through an HTTP header or the address.
import { z } from 'zod';
import type { Message, Severity } from './notification.ts';
import { type Outcome, outcomeOf } from './send-outcome.ts';
import type { Post, Sink } from './sink.ts';

export type NtfyOptions = {
  readonly name: string;
  readonly post: Post;
  /** Whoever knows it can read it. */
  readonly topic: string;
  /** The whole Authorization header; null where the server lets everybody in. */
  readonly authorization: string | null;
  readonly priorities: Readonly<Record<Severity, number>>;
  /** Where a tap leads; null nowhere. */
  readonly click: string | null;
  /** UTC ms. */
  readonly now: () => number;
};

/** Emoji short codes of ntfy. */
const TAGS: Readonly<Record<Severity, string>> = { info: 'information_source', warning: 'warning', error: 'rotating_light' };
/** The server makes an attachment of more than 4,096 bytes, and takes at most twice that as JSON, in which a quote is two bytes. */
const MOST_TEXT_BYTES = 3_500;
const MOST_TITLE_BYTES = 200;

export function ntfySink({ name, post, topic, authorization, priorities, click, now }: NtfyOptions): Sink {
  return {
    name,
    type: 'ntfy',
    async send(message, signal) {
      const { severity, title, text } = message;
      const body = JSON.stringify({
        topic,
        title: fit(`Headgate: ${title}`, MOST_TITLE_BYTES),
        message: fit(text, MOST_TEXT_BYTES),
        priority: priorities[severity],
        tags: [TAGS[severity]],
        ...(click === null ? {} : { click }),
      });
      const headers = { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) };
      const answer = await post({ headers, body, readsAnswer: message.type === 'test' }, signal);
      return judged(message, answer, now());
    },
  };
}

const refusal = z.object({ code: z.int(), error: z.string() });
const published = z.object({ id: z.string(), event: z.literal('message') });

function judged({ type }: Message, { status, retryAfter, text }: Awaited<ReturnType<Post>>, now: number): Outcome {
  const said = refusal.safeParse(parsed(text));
  const outcome = outcomeOf(
    status,
    retryAfter,
    now,
    said.success ? `${said.data.error.slice(0, 120)} (ntfy ${said.data.code})` : null,
  );
  // Any web server may answer 200 to a POST; while somebody waits for the test there is time to look.
  if (type === 'test' && outcome.kind === 'delivered' && !published.safeParse(parsed(text)).success)
    return { kind: 'refused', problem: `HTTP ${status}, but what answers there is no ntfy` };
  return outcome;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whole characters within so many bytes of UTF-8. Control characters would be six bytes each, and show nothing. */
function fit(text: string, mostBytes: number): string {
  const clean = text.replaceAll(/[^\P{Cc}\n]/gu, ' ');
  if (Buffer.byteLength(clean) <= mostBytes) return clean;
  let kept = '';
  let bytes = Buffer.byteLength('…');
  for (const character of clean) {
    bytes += Buffer.byteLength(character);
    if (bytes > mostBytes) break;
    kept += character;
  }
  return `${kept}…`;
}
