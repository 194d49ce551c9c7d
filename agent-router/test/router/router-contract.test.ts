// What every way to a router must do, the same for all of them: local, ssh, ubus, and ssh through a real dropbear.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { noDropbear } from '../../../deploy/demo/router/real-dropbear.ts';
import type { DeviceCounters, Router } from '../../src/router/router.ts';
import { lineRate } from '../../src/telemetry/line-rate.ts';
import { rootQdiscs } from '../../src/telemetry/sqm-parse.ts';
import { openWay, type Way } from './router-ways.ts';

// Real programs on a machine that others use as well.
t.setTimeout(120_000);

const rateOf = async (router: Router): Promise<{ upBps: number; downBps: number }> => {
  const sample = async () => {
    const { uptimeS, clockS, devices } = await router.counters(['eth1']);
    return { device: 'eth1', uptimeS, clockS, ...(devices['eth1'] as DeviceCounters) };
  };
  const before = await sample();
  await wait(1000);
  const rate = lineRate(before, await sample());
  if (typeof rate === 'string') throw new Error(`no rate: ${rate}`);
  return rate;
};

const ways: readonly Way[] = ['local', 'ssh', 'ubus', 'dropbear'];
for (const way of ways) {
  const skip = way === 'dropbear' ? (noDropbear() ?? false) : false;
  t.test(`by ${way}`, { skip }, async (t) => {
    t.test('counters of 40 and 90 Mbit/s give these rates within 5 %', async (t) => {
      await using opened = await openWay(way);
      opened.sim.setTraffic(40_000_000, 90_000_000);
      const { upBps, downBps } = await rateOf(opened.router);
      t.ok(Math.abs(upBps / 40e6 - 1) < 0.05, `up ${upBps}`);
      t.ok(Math.abs(downBps / 90e6 - 1) < 0.05, `down ${downBps}`);
    });

    t.test('a device that is not there is null, the others are told; a pulled cable shows', async (t) => {
      await using opened = await openWay(way);
      const { devices, uptimeS } = await opened.router.counters(['nope', 'eth1', 'eth2']);
      t.equal(devices['nope'], null);
      t.match(devices['eth1'], { carrier: true });
      t.ok(uptimeS > 1000);
      opened.sim.setWan('wan', { carrier: false });
      t.match((await opened.router.counters(['eth1'])).devices['eth1'], { carrier: false });
    });

    t.test('the dump, the board and SQM', async (t) => {
      await using opened = await openWay(way, { uploadKbit: 42_000 });
      const { router } = opened;
      t.same(
        (await router.interfaces()).map((one) => one.interface),
        ['lan', 'loopback', 'wan', 'wanb'],
      );
      t.match(await router.board(), { model: 'GL.iNet GL-MT6000', release: /^OpenWrt 24.10/ });
      const { sections, qdiscs, rateTool } = await router.sqm();
      t.same(sections, [{ name: 'eth1', enabled: true, device: 'eth1', uploadKbit: 42_000, downloadKbit: 250_000 }]);
      t.equal(rootQdiscs(qdiscs)?.get('eth1')?.rateBps, 42_000_000);
      t.equal(rateTool, false);
    });

    t.test('no SQM package is no error', async (t) => {
      await using opened = await openWay(way, { queue: 'none' });
      t.match(await opened.router.sqm(), { sections: null, rateTool: false });
    });

    t.test('a tc without JSON is no error', async (t) => {
      await using opened = await openWay(way);
      opened.sim.setPlainTc(true);
      const { sections, qdiscs } = await opened.router.sqm();
      t.equal(sections?.length, 1);
      t.equal(rootQdiscs(qdiscs), undefined);
    });

    t.test('hardware offloading is seen', async (t) => {
      await using opened = await openWay(way);
      t.equal(await opened.router.hardwareOffload(), false);
      opened.sim.setHardwareOffload(true);
      t.equal(await opened.router.hardwareOffload(), true);
    });

    t.test('a tool that sets the rate is seen, as a service and started by hand, and no more once it has ended', async (t) => {
      await using opened = await openWay(way);
      const seen = async () => (await opened.router.sqm()).rateTool;
      for (const [tool, how] of [
        ['cake-autorate', 'runs'],
        ['cake-autorate', 'by hand'],
        ['sqm-autorate', 'runs'],
      ] as const) {
        opened.sim.showTool(tool, how);
        t.equal(await seen(), tool, `${tool} ${how}`);
        opened.sim.showTool(tool, 'ended');
        t.equal(await seen(), false, `${tool} ended`);
      }
      opened.sim.showTool('cake-autorate', 'runs');
      rmSync(join(opened.sim.root, 'var/run/cake-autorate/primary/proc_pids'));
      t.equal(await seen(), 'cake-autorate', 'while it starts');
      opened.sim.showTool('cake-autorate', 'runs');
      opened.sim.showTool('cake-autorate', 'killed');
      // Over ubus processes cannot be looked at: a folder that a kill left behind counts as a tool that runs.
      t.equal(await seen(), way === 'ubus' ? 'cake-autorate' : false, 'killed');
    });

    t.test('a rate is set, committed and reloaded once, and then true in tc; the other direction stays', async (t) => {
      await using opened = await openWay(way);
      await opened.router.setRate({ section: 'eth1', uploadKbit: 20_000, downloadKbit: null });
      t.same(opened.sim.writes(), ['set sqm.eth1.upload=20000', 'commit sqm', 'reload']);
      t.same(opened.sim.shaper(), { uploadKbit: 20_000, downloadKbit: 250_000 });
      t.equal(rootQdiscs((await opened.router.sqm()).qdiscs)?.get('eth1')?.rateBps, 20_000_000);
    });

    t.test('a section that is not there is refused and nothing is committed', async (t) => {
      await using opened = await openWay(way);
      await t.rejects(opened.router.setRate({ section: 'nope', uploadKbit: 20_000, downloadKbit: null }), { code: 'bad_answer' });
      t.same(opened.sim.writes(), []);
    });

    t.test('names that a shell or a path would read otherwise never reach the router', async (t) => {
      await using opened = await openWay(way);
      for (const name of ['eth1;reboot', '$(reboot)', '../../etc', 'a b', '', "'", '`x`', '..', 'sixteen-letters-'])
        await t.rejects(opened.router.counters([name]), { code: 'input_invalid' }, name);
      for (const section of ['eth1;x', "a'b", '@queue[0]', ''])
        await t.rejects(
          opened.router.setRate({ section, uploadKbit: 1, downloadKbit: null }),
          { code: 'input_invalid' },
          section,
        );
      for (const uploadKbit of [-1, 1.5, Number.NaN, 1e12])
        await t.rejects(opened.router.setRate({ section: 'eth1', uploadKbit, downloadKbit: null }), { code: 'input_invalid' });
      t.same(opened.sim.writes(), []);
    });
  });
}

t.test('all ways give the same reading of the same router', async (t) => {
  const told: string[] = [];
  for (const way of ['local', 'ssh', 'ubus'] as const) {
    await using opened = await openWay(way);
    const { sections, rateTool, qdiscs } = await opened.router.sqm();
    const names = (await opened.router.interfaces()).map((one) => [one.interface, one.l3_device]);
    told.push(JSON.stringify([sections, rateTool, rootQdiscs(qdiscs)?.get('eth1'), names, await opened.router.board()]));
  }
  t.equal(told[1], told[0]);
  t.equal(told[2], told[0]);
});
