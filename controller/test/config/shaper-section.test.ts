// The section shaper and the shaper's rates in bandwidth.schedule, as people write them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { shaperPlan } from '../../src/wiring/open-shaper.ts';

const load = async (t: Test, yaml: string) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env: {}, algorithms: ['demand'] });
};

t.test('off by default, and a lease of a minute', async (t) => {
  t.same((await load(t, '')).shaper, { enabled: false, uploadBps: null, downloadBps: null, leaseMs: 60_000 });
});

t.test('base rates, and the rates of the hour by the clocks of the home, right across the change of clocks', async (t) => {
  const config = await load(
    t,
    `
home: { time_zone: Europe/Berlin }
shaper: { enabled: true, upload: 38, lease: 30s }
bandwidth:
  schedule:
    - { name: evening, from: "18:00", to: "23:00", shaper_upload: 30 }
    - { name: night, from: "01:00", to: "05:00", shaper_download: 50, reserve: 20% }
`,
  );
  const at = (utc: string) => shaperPlan(config)(Date.parse(utc));
  t.same(at('2026-07-01T12:00Z'), { upBps: 38e6, downBps: null, rule: null });
  t.same(at('2026-07-01T16:00Z'), { upBps: 30e6, downBps: null, rule: 'evening' });
  t.equal(at('2026-12-01T16:30Z').rule, null, 'an hour later in winter');
  t.same(at('2026-12-01T17:00Z'), { upBps: 30e6, downBps: null, rule: 'evening' });
  t.same(at('2026-10-25T03:59Z'), { upBps: 38e6, downBps: 50e6, rule: 'night' }, 'an hour longer in the night of the change');
  t.equal(at('2026-10-25T04:00Z').rule, null);
});

for (const [what, yaml, said] of [
  ['no rate at all', 'shaper: { enabled: true }', /shaper\.enabled: is on, but neither upload, download nor a rule/],
  [
    'rules without one',
    'shaper: { enabled: true }\nbandwidth: { schedule: [{ name: a, reserve: 5% }] }',
    /shaper\.enabled: is on/,
  ],
  ['a crumb', 'shaper: { upload: 0.1 }', /shaper\.upload/],
  ['a lease of a second', 'shaper: { lease: 1s }', /shaper\.lease/],
  ['a crumb in a rule', 'bandwidth: { schedule: [{ name: a, shaper_upload: 0.1 }] }', /bandwidth\.schedule\[0\]\.shaper_upload/],
] as const)
  t.test(`refused: ${what}`, async (t) => {
    await t.rejects(load(t, yaml), said);
  });

t.test('a rule alone is a plan', async (t) => {
  const yaml = 'shaper: { enabled: true }\nbandwidth: { schedule: [{ name: a, to: "06:00", shaper_upload: 20 }] }';
  t.equal((await load(t, yaml)).shaper.enabled, true);
});
