// What anybody in the house can see over MQTT: telemetry, the bandwidth state, Home Assistant's discovery.
import { type BandwidthState, bandwidthState, decode } from '@headgate/protocol';
import mqtt from 'mqtt';
import type { SimulatedHome } from './simulated-home.ts';

export type HomeObserver = AsyncDisposable & {
  telemetryMessages(): number;
  /** Components of all discovery messages. */
  entities(): number;
  discovery(): ReadonlyMap<string, string>;
  state(): BandwidthState | null;
  /** All topics seen, with their newest payload. */
  newest(): ReadonlyMap<string, string>;
};

/** Connects as the house's user; waits until the broker takes it. */
export async function observeHome({ mqttUrl, mqttUser }: Pick<SimulatedHome, 'mqttUrl' | 'mqttUser'>): Promise<HomeObserver> {
  const client = await mqtt.connectAsync(mqttUrl, { ...mqttUser, reconnectPeriod: 200, clientId: 'demo-observer' });
  const newest = new Map<string, string>();
  let telemetry = 0;
  client.on('message', (topic, payload) => {
    newest.set(topic, payload.toString());
    if (topic.endsWith('/throughput')) telemetry += 1;
  });
  await client.subscribeAsync(['headgate/#', 'homeassistant/#'], { qos: 1 });
  const discovery = (): Map<string, string> =>
    new Map([...newest].filter(([topic, text]) => topic.startsWith('homeassistant/') && text !== ''));
  return {
    telemetryMessages: () => telemetry,
    newest: () => newest,
    discovery,
    entities: () =>
      [...discovery().values()].reduce(
        (sum, text) => sum + Object.keys((JSON.parse(text) as { readonly components: object }).components).length,
        0,
      ),
    state() {
      const text = newest.get('headgate/bandwidth/state');
      return text === undefined ? null : decode('headgate/bandwidth/state', bandwidthState, new TextEncoder().encode(text));
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}
