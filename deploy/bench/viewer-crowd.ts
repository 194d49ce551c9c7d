// Many viewers of one stream in a process of their own (viewer-crowd.child.ts).
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type CrowdOrder =
  | { readonly kind: 'join'; readonly url: string; readonly count: number /** They never read. */; readonly stalled: boolean }
  /** Asks for it again and again, a moment after each answer. */
  | { readonly kind: 'ask'; readonly url: string }
  /** Counts from here. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'report' };

export type CrowdReport = {
  /** ms of each answer to what is asked for. */
  readonly answers: readonly number[];
  /** Since `begin`. */
  readonly ms: number;
  /** In the order in which they joined. */
  readonly viewers: readonly {
    readonly bytes: number;
    readonly open: boolean;
    readonly longestMs: number;
    /** Between two pieces, ms. */
    readonly gaps: readonly number[];
  }[];
};

export type Crowd = AsyncDisposable & {
  readonly pid: number;
  join(url: string, count: number, stalled?: boolean): void;
  ask(url: string): void;
  begin(): void;
  report(): Promise<CrowdReport>;
};

export function openCrowd(): Crowd {
  const child = fork(join(import.meta.dirname, 'viewer-crowd.child.ts'), [], { execArgv: [] });
  const say = (order: CrowdOrder): void => void child.send(order);
  return {
    pid: child.pid ?? 0,
    join: (url, count, stalled = false) => say({ kind: 'join', url, count, stalled }),
    ask: (url) => say({ kind: 'ask', url }),
    begin: () => say({ kind: 'begin' }),
    async report() {
      const answer = once(child, 'message');
      say({ kind: 'report' });
      const [report] = await answer;
      return report as CrowdReport;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
