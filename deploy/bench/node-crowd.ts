// A thousand nodes in a process of their own (node-crowd.child.ts).
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** User and password at the broker are both its name. */
export type CrowdNode = { readonly name: string; readonly token: string };

export type CrowdOrder =
  | {
      readonly kind: 'start';
      readonly nodes: readonly CrowdNode[];
      readonly httpUrl: string;
      readonly mqttUrl: string;
      readonly pollMinutes: number;
      /** An item takes between half and one and a half of it. */
      readonly downloadMs: number;
    }
  /** Times and counts from here. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'count' }
  | { readonly kind: 'report' };

export type CrowdCount = {
  /** How many stand on a connection to the broker. */
  readonly connected: number;
  /** How many have each version of the manifest. */
  readonly versions: Readonly<Record<number, number>>;
  /** How many nodes have everything of their manifest. */
  readonly whole: number;
};

export type CrowdReport = {
  /** UTC ms of each node's last: word of a new version over MQTT, and having it. */
  readonly heardAt: readonly number[];
  readonly fetchedAt: readonly number[];
  /** Of each request, ms. */
  readonly polls: readonly number[];
  /** Requests that failed. */
  readonly failed: number;
  /** That the broker acknowledged. */
  readonly reports: number;
  readonly reportBytes: number;
};

export type NodeCrowd = AsyncDisposable & {
  readonly pid: number;
  start(order: Omit<Extract<CrowdOrder, { readonly kind: 'start' }>, 'kind'>): void;
  begin(): void;
  count(): Promise<CrowdCount>;
  report(): Promise<CrowdReport>;
};

export function openNodeCrowd(): NodeCrowd {
  const child = fork(join(import.meta.dirname, 'node-crowd.child.ts'), [], { execArgv: ['--max-semi-space-size=64'] });
  const say = (order: CrowdOrder): void => void child.send(order);
  const ask = async (kind: 'count' | 'report'): Promise<unknown> => {
    const answer = once(child, 'message', { signal: AbortSignal.timeout(60_000) });
    say({ kind });
    return (await answer)[0];
  };
  return {
    pid: child.pid ?? 0,
    start: (order) => say({ kind: 'start', ...order }),
    begin: () => say({ kind: 'begin' }),
    count: () => ask('count') as Promise<CrowdCount>,
    report: () => ask('report') as Promise<CrowdReport>,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
