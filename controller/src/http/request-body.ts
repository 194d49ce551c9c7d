// Reads a body, bounded. JSON must say that it is: a foreign page can send a form without asking, but not JSON.
import type { IncomingMessage } from 'node:http';
import { RequestError } from './error-answer.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The parsed body; undefined where there is none.
 * @throws RequestError 413, 415 or 400.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  if (bytes.length === 0) return undefined;
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new RequestError(415, 'input_invalid', 'the body must be JSON, with "Content-Type: application/json"');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RequestError(400, 'input_invalid', 'the body is not valid JSON', { cause });
  }
}

/**
 * The body as text, whatever it says that it is: for routes that ask for a secret which no foreign page has. What is no UTF-8 is marked as such.
 * @throws RequestError 413
 */
export const readTextBody = async (request: IncomingMessage, maxBytes: number): Promise<string> =>
  (await readBytes(request, maxBytes)).toString('utf8');

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left open on a refusal, so that the answer still reaches the client.
  const parts: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError(413, 'input_invalid', `the body is larger than ${maxBytes} bytes`);
