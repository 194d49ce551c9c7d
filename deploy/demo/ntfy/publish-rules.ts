// Pure: what ntfy takes, and with which words it refuses the rest (ntfy 2.12, server/server.go, server/errors.go, util/util.go).
import { z } from 'zod';

export type Refusal = { readonly status: number; readonly code: number; readonly error: string; readonly link?: string };
export type Published = {
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  /** 0 is what the client did not say. */
  readonly priority: number;
  readonly tags: readonly string[];
  readonly click: string;
};

const DOCS = 'https://ntfy.sh/docs/publish/';
export const REFUSALS = {
  jsonInvalid: { status: 400, code: 40024, error: 'invalid request: request body must be valid JSON' },
  jsonTooLarge: { status: 413, code: 41303, error: 'JSON body too large' },
  topicInvalid: { status: 400, code: 40009, error: 'invalid request: topic invalid' },
  topicDisallowed: { status: 400, code: 40010, error: 'invalid request: topic name is not allowed' },
  priorityInvalid: { status: 400, code: 40007, error: 'invalid priority parameter', link: `${DOCS}#message-priority` },
  attachments: { status: 400, code: 40014, error: 'invalid request: attachments not allowed' },
  attachmentUrl: { status: 400, code: 40013, error: 'invalid request: attachment URL is invalid', link: `${DOCS}#attachments` },
  iconUrl: { status: 400, code: 40021, error: 'invalid request: icon URL is invalid', link: `${DOCS}#icons` },
  unauthorized: { status: 401, code: 40101, error: 'unauthorized', link: `${DOCS}#authentication` },
  forbidden: { status: 403, code: 40301, error: 'forbidden', link: `${DOCS}#authentication` },
  notFound: { status: 404, code: 40401, error: 'page not found' },
  tooManyRequests: { status: 429, code: 42901, error: 'limit reached: too many requests', link: `${DOCS}#limitations` },
  tooManyMessages: { status: 429, code: 42908, error: 'limit reached: daily message quota reached', link: `${DOCS}#limitations` },
  tooManyFailures: { status: 429, code: 42909, error: 'limit reached: too many auth failures', link: `${DOCS}#limitations` },
} as const satisfies Readonly<Record<string, Refusal>>;

/** Without attachments, which a message of this size would become. */
const MESSAGE_BYTES = 4_096;
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
const DISALLOWED = ['docs', 'static', 'file', 'app', 'metrics', 'account', 'settings', 'signup', 'login', 'v1'];

/** As Go decodes it into its struct: a wrong type refuses all, an unknown key is nothing, null is the empty value. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const body = z.object({
  topic: text,
  title: text,
  message: text,
  priority: z
    .int()
    .nullish()
    .transform((value) => value ?? 0),
  tags: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
  click: text,
  icon: text,
  attach: text,
  filename: text,
});

/** What a POST to `/` publishes. */
export function publishJson(raw: string): Published | Refusal {
  // Peek: at the limit already it counts as reached.
  if (bytesOf(raw) >= 2 * MESSAGE_BYTES) return REFUSALS.jsonTooLarge;
  const parsed = body.safeParse(jsonOf(raw));
  if (!parsed.success) return REFUSALS.jsonInvalid;
  const { topic, title, priority, tags, click, icon, attach, filename } = parsed.data;
  const message = parsed.data.message === '' ? 'triggered' : parsed.data.message;
  if (!TOPIC.test(topic)) return REFUSALS.topicInvalid;
  if (DISALLOWED.includes(topic)) return REFUSALS.topicDisallowed;
  if (attach !== '' && !/^https?:\/\//.test(attach)) return REFUSALS.attachmentUrl;
  if (icon !== '' && !/^https?:\/\//.test(icon)) return REFUSALS.iconUrl;
  if (priority < 0 || priority > 5) return REFUSALS.priorityInvalid;
  if (filename !== '' || attach !== '' || bytesOf(message) >= MESSAGE_BYTES) return REFUSALS.attachments;
  return {
    ...{ topic, priority, click: click.trim() },
    title: title.trim(),
    message: message.trim(),
    // They pass through one header, joined by commas.
    tags: tags
      .flatMap((tag) => tag.split(','))
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  };
}

const bytesOf = (value: string): number => new TextEncoder().encode(value).byteLength;

function jsonOf(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
