// The stream process as the controller runs it: connections handed over by the real HTTP server, restarts.
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { handedOver, route } from '../../src/http/route.ts';
import { silentLog } from '../../src/log.ts';
import type { PlanStep } from '../../src/on-air/plan-step.ts';
import { openLiveHost } from '../../src/wiring/live-host.ts';
import { serve } from '../http/serve.ts';
import { film, folderOf, isAlive, look, makeFilm, pidsOf, planFrom, probe, record, settingsIn, until } from '../live/station.ts';

const folder = folderOf(t);
const good = makeFilm(`${folder}/good.mkv`, 14);
const settings = settingsIn(folder);

async function openHouse(t: Test) {
  const ended: { readonly id: string; readonly reason: string }[] = [];
  const asked: number[] = [];
  const host = openLiveHost({
    ...{ settings, log: silentLog, clock: systemClock, itemFailed: () => {} },
    wantsPlan: (_channel, fromMs) => asked.push(fromMs),
    viewerEnded: (viewer) => ended.push(viewer),
  });
  t.teardown(() => host[Symbol.asyncDispose]());
  const house = { host, ended, asked, steps: planFrom(Date.now() - 2_000, [[60, film(good)]]) as readonly PlanStep[] };
  let number = 0;
  const live = route({
    ...{ method: 'get', path: '/live/:token/:channel', summary: 'a channel', tags: ['live'], access: 'public' },
    response: z.any(),
    handler: ({ handOver, method }) => {
      const id = `v${number++}`;
      const facts = { id, channel: 'c1', consumer: 'test', address: '', userAgent: null, method: method as 'GET' | 'HEAD' };
      host.tune(facts, house.steps, false, handOver());
      return handedOver;
    },
  });
  const ping = route({
    ...{ method: 'get', path: '/ping', summary: 'ping', tags: ['live'], access: 'public' },
    response: z.object({ ok: z.boolean() }),
    handler: () => ({ ok: true }),
  });
  const { http } = await serve(t, { routes: [live, ping] });
  host.setLooks([look]);
  t.equal(await host.ready, true);
  return { ...house, house, http };
}

t.test(
  'a viewer of the real HTTP server gets the stream, on a kept connection as well; the server closes although it is watched',
  async (t) => {
    const { http, host, ended } = await openHouse(t);
    const viewer = record(http.port, 'GET', '/live/abc/c1.ts');
    await until(() => viewer.pieces.length > 0, 3_000);
    t.match(viewer.head(), /^HTTP\/1\.1 200 OK\r\nContent-Type: video\/mp2t\r\n/);
    t.equal(viewer.body()[0], 0x47);
    // A connection that was used before, and on which another request waits behind this one.
    const kept = record(http.port, 'GET', '/ping');
    await until(() => kept.head().startsWith('HTTP/1.1 200'));
    const before = kept.body().length;
    kept.socket.write('GET /live/abc/c1.ts HTTP/1.1\r\nHost: here\r\n\r\nGET /ping HTTP/1.1\r\nHost: here\r\n\r\n');
    await until(() => kept.body().length > before + 20_000);
    const head = record(http.port, 'HEAD', '/live/abc/c1.ts');
    await until(() => head.closed());
    t.match(head.head(), /^HTTP\/1\.1 200 OK/);
    await until(() => host.sessions()[0]?.viewers.length === 2);
    t.equal(host.sessions()[0]?.viewers[0]?.consumer, 'test');
    await http[Symbol.asyncDispose]();
    // Had the door still counted it among its own, its grace would have ended it.
    t.equal(viewer.closed(), false);
    const had = viewer.body().length;
    await until(() => viewer.body().length > had + 10_000);
    viewer.socket.destroy();
    await until(() => ended.some(({ reason }) => reason === 'the client left'));
    kept.socket.destroy();
    const ffmpegs = pidsOf(good);
    t.ok(ffmpegs.length > 0);
    await host[Symbol.asyncDispose]();
    await until(() => ffmpegs.every((pid) => !isAlive(pid)), 5_000);
  },
);

t.test(
  'a stream process that is killed is started again, its ffmpegs and viewers end, and a new tune-in is answered',
  async (t) => {
    const { http, host, ended, asked } = await openHouse(t);
    const viewer = record(http.port, 'GET', '/live/abc/c1.ts');
    await until(() => host.sessions()[0]?.showing === 'programme');
    t.ok(asked.length > 0, 'a table that ends within two minutes is asked for');
    const ffmpegs = pidsOf(good);
    const pid = host.pid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await until(() => viewer.closed());
    // The connection ends a moment before the process is known to have ended.
    await until(() => ended.length > 0);
    t.match(ended, [{ reason: 'the stream process ended' }]);
    const refused = record(http.port, 'GET', '/live/abc/c1.ts');
    await until(() => refused.closed() || refused.pieces.length > 0);
    t.match(refused.head(), /^HTTP\/1\.1 (503 [\s\S]*Retry-After|200)/);
    await until(() => host.pid() !== null && host.pid() !== pid);
    await until(() => ffmpegs.every((one) => !isAlive(one)), 5_000);
    // It has its slates on disk.
    await wait(500);
    const again = record(http.port, 'GET', '/live/abc/c1.ts');
    await until(() => again.pieces.length > 0);
    t.equal((await probe(folder, again.body())).packets[0]?.key, true);
    host.endChannel('c1');
    await until(() => again.closed());
  },
);
