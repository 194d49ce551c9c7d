// What a sink is: somewhere outside the home's broker that is told what happened.
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { Message } from './notification.ts';
import type { Outcome } from './send-outcome.ts';

export type Sink = {
  readonly name: string;
  readonly type: 'webhook' | 'ntfy';
  /** @throws ControllerError where no answer came; the sentence names the sink and holds nothing of its address. */
  send(message: Message, signal: AbortSignal): Promise<Outcome>;
};

/** One POST to the sink's address. */
export type PostRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The text of a good answer is wanted too; without it, the answer is there with its status line. */
  readonly readsAnswer: boolean;
};

export type PostAnswer = { readonly status: number; readonly retryAfter: string | null; readonly text: string };

/** Handed in: bounded in time and size, without redirects. @throws as `Sink.send` */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<PostAnswer>;

export type SinkStatus = {
  readonly name: string;
  readonly type: Sink['type'];
  /** `starting`: nothing was sent yet. */
  readonly health: NeighbourHealth;
  /** To be sent, and of these held back in quiet hours. */
  readonly waiting: number;
  readonly held: number;
  /** Since the start. */
  readonly delivered: number;
  readonly lost: number;
  /** Left out: refused for what they are. */
  readonly unfit: number;
  /** UTC ms of the next attempt; null where it does not rest. */
  readonly retryAt: number | null;
};

export type TestResult = {
  readonly sink: string;
  readonly ok: boolean;
  readonly problem: string | null;
  readonly tookMs: number;
};
