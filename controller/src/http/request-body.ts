// Reads a JSON body, bounded. Other content types are refused: a foreign page can send a form without asking, but not JSON.
import type { IncomingMessage } from 'node:http';
import { RequestError } from './error-answer.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The parsed body; undefined where there is none.
 * @throws RequestError 413, 415 or 400.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left open on a refusal, so that the answer still reaches the client.
  const parts: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new RequestError(415, 'input_invalid', 'the body must be JSON, with "Content-Type: application/json"');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (cause) {
    throw new RequestError(400, 'input_invalid', 'the body is not valid JSON', { cause });
  }
}

const tooLarge = (): RequestError => new RequestError(413, 'input_invalid', `the body is larger than ${MAX_BODY_BYTES} bytes`);
