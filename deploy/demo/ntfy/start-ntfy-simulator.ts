// A strict ntfy of loopback: refuses what the real one refuses, with its words. For tests and for the demo; it wakes no phone.
import { openReceiver, type Received, type Receiver, type Reply } from '../webhook/open-receiver.ts';
import { type Published, publishJson, REFUSALS, type Refusal } from './publish-rules.ts';

export type NtfySimulatorOptions = {
  /** Those who may publish; without any, everybody may. */
  readonly users?: readonly NtfyUser[];
  /** Requests at once, as `visitor-request-limit-burst`; one more each 5 s. Default 60. */
  readonly burst?: number;
  /** Failed log-ins at once; one more each minute. Default 30. */
  readonly failures?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** ms. */
  readonly now?: () => number;
};

export type NtfyUser = {
  readonly username: string;
  readonly password: string;
  /** `tk_…`. */
  readonly token?: string;
  /** Topics that they may publish to. */
  readonly topics: readonly string[];
};

export type NtfySimulator = Receiver & {
  readonly published: readonly Published[];
};

const REQUEST_EACH_MS = 5_000;
const FAILURE_EACH_MS = 60_000;

export async function startNtfySimulator(options: NtfySimulatorOptions = {}): Promise<NtfySimulator> {
  const { users = [], burst = 60, failures = 30, now = () => Date.now() } = options;
  const published: Published[] = [];
  const requests = createBucket(burst, REQUEST_EACH_MS, now);
  const failed = createBucket(failures, FAILURE_EACH_MS, now);

  function logIn({ headers }: Pick<Received, 'headers'>): NtfyUser | null | Refusal {
    const header = headers['authorization'] ?? '';
    if (users.length === 0 || !/^(basic|bearer) /i.test(header)) return null;
    if (!failed.has()) return REFUSALS.tooManyFailures;
    const user = users.find((one) => isOf(one, header));
    if (user !== undefined) return user;
    failed.take();
    return REFUSALS.unauthorized;
  }
  function reply(request: Omit<Received, 'status'>): Reply {
    const { method, target, body } = request;
    const path = target.replace(/\?.*/, '');
    const user = logIn(request);
    if (user !== null && 'code' in user) return refused(user);
    if (method === 'GET' && path === '/v1/health') return json(200, { healthy: true });
    if ((method !== 'POST' && method !== 'PUT') || path !== '/') return refused(REFUSALS.notFound);
    const message = publishJson(body);
    if ('code' in message && ([40024, 41303, 40009] as readonly number[]).includes(message.code)) return refused(message);
    if (!requests.has()) return refused(REFUSALS.tooManyRequests);
    requests.take();
    if ('code' in message && message.code === 40010) return refused(message);
    const topic = 'topic' in message ? message.topic : topicOf(body);
    if (users.length > 0 && !user?.topics.includes(topic)) return refused(REFUSALS.forbidden);
    if ('code' in message) return refused(message);
    published.push(message);
    const time = Math.floor(now() / 1_000);
    const { title, tags, priority, click } = message;
    const said = {
      ...(title && { title }),
      message: message.message,
      ...(priority && { priority }),
      ...(tags.length > 0 && { tags }),
      ...(click && { click }),
    };
    return json(200, { id: idOf(published.length), time, expires: time + 43_200, event: 'message', topic, ...said });
  }
  return { ...(await openReceiver({ reply, tls: options.tls })), published };
}

const idOf = (count: number): string => count.toString(36).padStart(12, 'x');
const json = (status: number, value: unknown): Reply => ({
  ...{ status, headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*' } },
  body: `${JSON.stringify(value)}\n`,
});
/** It has no Retry-After: a proxy before it may. */
const refused = ({ status, code, error, link }: Refusal): Reply =>
  json(status, { code, http: status, error, ...(link === undefined ? {} : { link }) });

const topicOf = (body: string): string => (JSON.parse(body) as { readonly topic: string }).topic;

function isOf({ username, password, token }: NtfyUser, header: string): boolean {
  if (/^bearer /i.test(header)) return token !== undefined && header.slice(7).trim() === token;
  const given = Buffer.from(header.slice(6), 'base64').toString('utf8');
  // A password without a user is a token.
  return given === `${username}:${password}` || (token !== undefined && given === `:${token}`);
}

/** So many at once, and one more each `eachMs`. */
function createBucket(most: number, eachMs: number, now: () => number) {
  let left = most;
  let at = now();
  const fill = (): void => {
    const come = Math.floor((now() - at) / eachMs);
    left = Math.min(most, left + come);
    at += come * eachMs;
  };
  return {
    has(): boolean {
      fill();
      return left > 0;
    },
    take(): void {
      left -= 1;
    },
  };
}
