// A controller that only has a stream process, as a program of its own: tests kill it. Prints its port, then what it is told.
import { createServer } from 'node:http';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import type { LiveSettings } from '../../src/on-air/live-messages.ts';
import type { ItemSource } from '../../src/on-air/plan-step.ts';
import { openLiveHost } from '../../src/wiring/live-host.ts';
import { look, planFrom } from '../live/station.ts';

/** Of each channel, parts one after the other; the first began 2 s ago. */
type Order = { readonly settings: LiveSettings; readonly channels: Readonly<Record<string, readonly [number, ItemSource][]>> };

const { settings, channels } = JSON.parse(process.argv[2] ?? '') as Order;
const ignore = (): void => {};
const deps = { settings, log: silentLog, clock: systemClock, wantsPlan: ignore, viewerEnded: ignore, itemFailed: ignore };
const host = openLiveHost(deps);
host.setLooks(Object.keys(channels).map((channel) => ({ ...look, channel })));
await host.ready;
const server = createServer((request) => {
  const channel = request.url?.slice(1) ?? '';
  const facts = { id: channel, channel, consumer: 'test', address: '', userAgent: null, method: 'GET' } as const;
  host.tune(facts, planFrom(Date.now() - 2_000, channels[channel] ?? []), false, request.socket);
});
server.listen({ host: '127.0.0.1', port: 0 }, () => {
  const { port } = server.address() as { readonly port: number };
  console.log(JSON.stringify({ port, pid: host.pid() }));
});
