// Sends the webhook plugin's posts: one try each, and the faults that a test switches on between the server and whoever listens.
import { randomBytes } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { GenericOption } from './webhook-configuration.ts';

export type HookFaults = {
  /** The same seed and the same hooks: the same faults. */
  readonly seed: number;
  /** Shares, 0 to 1. */
  readonly lost?: number;
  readonly duplicated?: number;
  /** Each comes up to this much later, so that neighbours change places. */
  readonly delayMs?: number;
};

export type SentHook = {
  readonly type: string;
  readonly url: string;
  readonly body: string;
  /** The receiver's status; `lost` by a fault; `failed` where nobody answered, or nothing could be sent. */
  readonly outcome: number | 'lost' | 'failed';
};

export type HookSender = {
  /** Never throws. Resolves when the receiver answered, or it is sure that it will not. */
  post(type: string, option: GenericOption, body: string): Promise<void>;
  disturb(faults: HookFaults): void;
  /** No faults any more, and what was held goes out. */
  calm(): Promise<void>;
  /** From now on hooks are kept back, and the plugin believes them sent. */
  hold(): void;
  release(order?: 'as made' | 'reversed'): Promise<void>;
  /** No hook is on its way, held ones aside. */
  settled(): Promise<void>;
  sent(): readonly SentHook[];
  forget(): void;
  /** The server went down: what is on its way is lost. */
  drop(): void;
};

const keptHooks = 5_000;
const patienceMs = 100_000;

/** mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Null where .NET's StringContent throws: a media type with parameters, or none at all. Then nothing is sent, without a word. */
function headersOf(option: GenericOption, body: string, version: string): Record<string, string> | null {
  const pairs = option.Headers.filter(({ Key, Value }) => Key !== '' && Value !== '');
  const type = pairs.findLast(({ Key }) => Key.toLowerCase() === 'content-type')?.Value ?? 'text/plain';
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type)) return null;
  return {
    ...Object.fromEntries(pairs.filter(({ Key }) => Key.toLowerCase() !== 'content-type').map(({ Key, Value }) => [Key, Value])),
    'User-Agent': `Jellyfin-Server/${version}`,
    Accept: 'application/json; q=1.0, application/xml; q=0.9, */*; q=0.8',
    'Accept-Encoding': 'gzip, deflate, br',
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': String(Buffer.byteLength(body)),
  };
}

type Transport = {
  readonly agent: Agent;
  readonly version: string;
};

function deliver({ agent, version }: Transport, option: GenericOption, body: string): Promise<number | 'failed'> {
  const headers = headersOf(option, body, version);
  const url = URL.canParse(option.WebhookUri ?? '') ? new URL(option.WebhookUri ?? '') : null;
  if (!headers || !url || !/^https?:$/.test(url.protocol)) return Promise.resolve('failed');
  return new Promise((resolve) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const options = { method: 'POST', headers, timeout: patienceMs, ...(open === httpRequest ? { agent } : {}) };
    const request = open(url, options, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode ?? 'failed'));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve('failed'));
    request.end(body);
  });
}

export function createHookSender(version: string): HookSender {
  const transport: Transport = { agent: new Agent({ keepAlive: true }), version };
  const sent: SentHook[] = [];
  const held: (() => Promise<void>)[] = [];
  const underWay = new Set<Promise<void>>();
  const state = { faults: null as { readonly of: HookFaults; readonly random: () => number } | null, holds: false, life: 0 };
  const note = (hook: SentHook) => {
    sent.push(hook);
    if (sent.length > keptHooks) sent.splice(0, keptHooks / 10);
  };
  const follow = (work: Promise<void>) => {
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  };
  /** Each fault takes its own random number, whether or not it comes to pass: shares do not move each other. */
  const fate = () => {
    const { of, random } = state.faults ?? {};
    const [lost, twice, late] = [random?.() ?? 1, random?.() ?? 1, random?.() ?? 0];
    return { lost: lost < (of?.lost ?? 0), twice: twice < (of?.duplicated ?? 0), lateMs: late * (of?.delayMs ?? 0) };
  };
  const once = async (type: string, option: GenericOption, body: string) => {
    const { life } = state;
    const { lost, twice, lateMs } = fate();
    const hook = { type, url: option.WebhookUri ?? '', body };
    if (lateMs > 0) await wait(lateMs, undefined, { ref: false });
    if (lost || life !== state.life) return note({ ...hook, outcome: 'lost' });
    const tries = twice ? 2 : 1;
    for (let count = 0; count < tries; count++) note({ ...hook, outcome: await deliver(transport, option, body) });
  };
  const release: HookSender['release'] = async (order = 'as made') => {
    state.holds = false;
    const waiting = held.splice(0);
    for (const send of order === 'reversed' ? waiting.reverse() : waiting) await send();
  };
  return {
    async post(type, option, body) {
      if (state.holds) held.push(() => follow(once(type, option, body)));
      else await follow(once(type, option, body));
    },
    disturb(faults) {
      state.faults = { of: faults, random: createRandom(faults.seed) };
    },
    async calm() {
      state.faults = null;
      await release();
    },
    hold() {
      state.holds = true;
    },
    release,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    sent: () => [...sent],
    forget: () => void sent.splice(0),
    drop() {
      state.life += 1;
      held.splice(0);
      transport.agent.destroy();
    },
  };
}
