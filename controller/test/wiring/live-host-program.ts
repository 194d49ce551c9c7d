// A controller that only has a stream process, as a program of its own: tests kill it. Prints its port, then what it is told.
import { createServer } from 'node:http';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import type { LiveSettings } from '../../src/on-air/live-messages.ts';
import type { PlanStep } from '../../src/on-air/plan-step.ts';
import { openLiveHost } from '../../src/wiring/live-host.ts';
import { look } from '../live/station.ts';

const { settings, steps } = JSON.parse(process.argv[2] ?? '') as {
  readonly settings: LiveSettings;
  readonly steps: readonly PlanStep[];
};
const ignore = (): void => {};
const deps = { settings, log: silentLog, clock: systemClock, wantsPlan: ignore, viewerEnded: ignore, itemFailed: ignore };
const host = openLiveHost(deps);
host.setLooks([look]);
await host.ready;
const server = createServer((request) => {
  const facts = { id: 'v', channel: 'c1', consumer: 'test', address: '', userAgent: null, method: 'GET' } as const;
  host.tune(facts, steps, false, request.socket);
});
server.listen({ host: '127.0.0.1', port: 0 }, () => {
  const { port } = server.address() as { readonly port: number };
  console.log(JSON.stringify({ port, pid: host.pid() }));
});
