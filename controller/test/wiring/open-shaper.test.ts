// Which line is ruled, and when nothing is ordered: telemetry and settings as the shaper's plan sees them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTypedLink } from '@headgate/protocol';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { silentLog } from '../../src/log.ts';
import { type OpenShaperDeps, openShaper } from '../../src/wiring/open-shaper.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { createMemoryBroker } from '../fixtures/memory-broker.ts';

const SHAPER = 'shaper: { enabled: true, upload: 20 }\n';

async function open(t: Test, yaml: string, dryRun = false) {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  const [clock, broker] = [createFakeClock(), createMemoryBroker()];
  const seen = { line: ['flint', 'wan'], settings: { enabled: true, dryRun: false } };
  const telemetry = {
    primary: () => ({
      ...{ router: seen.line[0], wan: seen.line[1], heardAt: clock.monotonic(), heardUtc: clock.now() },
      ...{ throughput: null, sqm: null, link: null },
    }),
    routers: () => [],
  };
  const shaper = openShaper(
    {
      config: await loadConfig({ path, env: {}, algorithms: ['demand'] }),
      dryRun,
      telemetry: telemetry as unknown as OpenShaperDeps['telemetry'],
      bandwidth: { status: () => ({ settings: seen.settings }) } as unknown as OpenShaperDeps['bandwidth'],
      link: createTypedLink(broker, 'headgate', () => {}),
      tell: () => {},
      clock,
      log: silentLog,
    },
    new AbortController().signal,
  );
  t.teardown(() => shaper[Symbol.asyncDispose]());
  const orders = (): readonly unknown[] =>
    broker.sent.map(({ topic, payload }) => {
      const { wan, up_bps } = JSON.parse(payload) as { wan: string; up_bps: number | null };
      return [topic.split('/')[2], wan, up_bps];
    });
  return { clock, seen, shaper, orders };
}

t.test('the WAN that carries the traffic is ruled, also after a failover to another router', async (t) => {
  const { clock, seen, shaper, orders } = await open(t, SHAPER);
  await clock.advance(100);
  t.same(orders(), [['flint', 'wan', 20e6]]);
  seen.line = ['spare', 'lte'];
  await clock.advance(1_000);
  t.same(orders().slice(1), [
    ['flint', 'wan', null],
    ['spare', 'lte', 20e6],
  ]);
  await shaper[Symbol.asyncDispose]();
  t.same(orders().slice(3), [['spare', 'lte', null]], 'the end takes it back');
});

t.test('where the configuration names a WAN, no other one is ever ruled', async (t) => {
  const { clock, seen, orders } = await open(t, `${SHAPER}uplink: { router: flint, wan: wan }\n`);
  await clock.advance(100);
  seen.line = ['flint', 'lte'];
  await clock.advance(60_000);
  seen.line = ['spare', 'wan'];
  await clock.advance(60_000);
  t.same(orders(), [
    ['flint', 'wan', 20e6],
    ['flint', 'wan', null],
  ]);
});

t.test('switched off, by the operator or in the file, and in a dry run nothing stands', async (t) => {
  const { clock, seen, orders } = await open(t, SHAPER);
  await clock.advance(100);
  seen.settings = { enabled: false, dryRun: false };
  await clock.advance(1_000);
  t.same(orders(), [
    ['flint', 'wan', 20e6],
    ['flint', 'wan', null],
  ]);
  for (const [yaml, dryRun] of [
    [SHAPER, true],
    ['shaper: { upload: 20 }\n', false],
  ] as const) {
    const quiet = await open(t, yaml, dryRun);
    await quiet.clock.advance(60_000);
    t.same(quiet.orders(), []);
  }
});
