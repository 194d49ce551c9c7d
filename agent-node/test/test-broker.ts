// A real mosquitto, and somebody who listens to all of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import mqtt from 'mqtt';
import { freePort } from '../../deploy/demo/free-port.ts';

export type Said = { readonly topic: string; readonly text: string; readonly retained: boolean };
export type TestBroker = AsyncDisposable & {
  readonly url: string;
  readonly said: Said[];
  /** JSON of the latest on a topic that ends so. */
  readonly last: (end: string) => Record<string, unknown> | undefined;
  readonly publish: (topic: string, payload: unknown, retain?: boolean) => Promise<void>;
};

export async function startTestBroker(): Promise<TestBroker> {
  const stack = new AsyncDisposableStack();
  const port = await freePort();
  const broker = spawn('/usr/sbin/mosquitto', ['-p', String(port)], { stdio: 'ignore' });
  stack.defer(async () => {
    broker.kill('SIGKILL');
    await once(broker, 'exit');
  });
  const said: Said[] = [];
  const observer = mqtt.connect({ host: '127.0.0.1', port, reconnectPeriod: 50, protocolVersion: 4 });
  observer.on('error', () => {});
  stack.defer(() => observer.endAsync(true));
  await new Promise<void>((resolve) => void observer.once('connect', () => resolve()));
  observer.on('message', (topic, payload, { retain }) => void said.push({ topic, text: payload.toString(), retained: retain }));
  await observer.subscribeAsync('headgate/#', { qos: 1 });
  return {
    url: `mqtt://127.0.0.1:${port}`,
    said,
    last(end) {
      const found = said.findLast(({ topic }) => topic.endsWith(end));
      return found === undefined ? undefined : JSON.parse(found.text);
    },
    async publish(topic, payload, retain = false) {
      await observer.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { qos: 1, retain });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
