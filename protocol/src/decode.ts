// Bytes to a checked value. An error says the topic and the path in the payload, never the payload itself.
import * as z from 'zod/mini';

/** A message that is not what its topic promises. `topic` and `path` say where; the text is fit for a log. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'message_invalid';
  readonly topic: string;
  readonly path: string;
  constructor(topic: string, path: string, problem: string, options?: ErrorOptions) {
    super(`${topic}: ${path === '' ? '' : `${path}: `}${problem}`, options);
    this.topic = topic;
    this.path = path;
  }
}

/** Larger payloads are refused before they are parsed. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

const text = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes one payload. `raw` takes the text as it is, else it is JSON.
 * @throws DecodeError naming the topic and the first path that is wrong.
 */
export function decode<Schema extends z.ZodMiniType>(
  topic: string,
  schema: Schema,
  payload: Uint8Array,
  raw = false,
): z.infer<Schema> {
  if (payload.byteLength > MAX_PAYLOAD_BYTES)
    throw new DecodeError(topic, '', `payload of ${payload.byteLength} bytes is over ${MAX_PAYLOAD_BYTES}`);
  return checkValue(topic, schema, parse(topic, payload, raw));
}

/**
 * The value as its schema has it, without fields that the schema does not know.
 * @throws DecodeError naming the topic and the first path that is wrong.
 */
export function checkValue<Schema extends z.ZodMiniType>(topic: string, schema: Schema, value: unknown): z.infer<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DecodeError(topic, (issue?.path ?? []).map(String).join('.'), problemOf(issue), { cause: result.error });
}

/** zod/mini ships no texts, only "Invalid input". What was expected says more, and never quotes the payload. */
function problemOf(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_type':
      return `must be ${issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return issue.message === 'Invalid input' ? `must be ${issue.format}` : issue.message;
    default:
      return issue?.message.toLowerCase() ?? 'invalid input';
  }
}

function parse(topic: string, payload: Uint8Array, raw: boolean): unknown {
  let content: string;
  try {
    content = text.decode(payload);
  } catch (cause) {
    throw new DecodeError(topic, '', 'payload is not UTF-8', { cause });
  }
  if (raw) return content;
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new DecodeError(topic, '', 'payload is not JSON', { cause });
  }
}
