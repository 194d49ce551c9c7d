// One conditional GET of a manifest.
import { AgentError } from '../errors.ts';
import { type AskHttp, hostOf } from '../http.ts';
import { type ManifestSource, tokenHeader } from './manifest-source.ts';

/** Null: nothing new. */
export type Fetched = { readonly text: string; readonly etag: string | null } | null;

/** 2,000 items with a few files each; larger ones are refused before they are parsed. */
const MOST_BYTES = 16 * 1024 * 1024;
const DEADLINE_MS = 30_000;

/** @throws AgentError `refused` (401, 403), `not_found`, `unreachable`, `timeout`, `bad_answer`, `not_allowed` */
export async function fetchManifest(
  source: ManifestSource,
  etag: string | null,
  http: AskHttp,
  signal: AbortSignal,
): Promise<Fetched> {
  const headers = {
    ...tokenHeader(source.token),
    accept: 'application/json',
    ...(etag === null ? {} : { 'if-none-match': etag }),
  };
  const answer = await http({ url: source.url, headers, mostBytes: MOST_BYTES, deadlineMs: DEADLINE_MS }, signal);
  const host = hostOf(source.url);
  const name = source.group ?? 'the manifest';
  if (answer.status === 304) return null;
  if (answer.status === 401 || answer.status === 403)
    throw new AgentError(
      'refused',
      `${host} does not give ${name} to us: ${source.token === null ? 'a token is needed' : 'its token is wrong or not for it'}`,
    );
  if (answer.status === 404) throw new AgentError('not_found', `${host} has no ${name}`);
  if (answer.status >= 500 || answer.status === 429) throw new AgentError('unreachable', `${host} answers ${answer.status}`);
  if (answer.status !== 200) throw new AgentError('bad_answer', `${host} answers ${answer.status}`);
  const tag = answer.headers['etag'];
  return { text: answer.body.toString('utf8'), etag: typeof tag === 'string' && tag.length <= 256 ? tag : null };
}
