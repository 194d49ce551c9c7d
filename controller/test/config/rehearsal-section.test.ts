// The section rehearsal: off unless asked for, and each mistake named by its key.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';

const load = async (t: Test, text: string) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, text, { mode: 0o600 });
  return (await loadConfig({ path, env: {}, algorithms: ['equal', 'priority', 'demand'] })).rehearsal;
};

t.test('without it nothing is recorded and nothing decides beside', async (t) => {
  t.match(await load(t, 'home: { name: x }\n'), { recording: { enabled: false }, shadow: null });
});

t.test('limits in days and bytes; the shadow in the words of the sections that it stands for', async (t) => {
  const { recording, shadow } = await load(
    t,
    'rehearsal:\n  recording: { enabled: true, days: 3, thinned_days: 10, max_size: 50MB }\n' +
      '  shadow: { algorithm: equal, upload: 12, reserve: 20%, torrents: { pause_below: off, download_floor: 2 } }\n',
  );
  t.same(recording, { enabled: true, fullMs: 3 * 86_400_000, thinnedMs: 10 * 86_400_000, maxBytes: 50_000_000 });
  t.match(shadow, {
    ...{ algorithm: 'equal', capacityUpBps: 12_000_000, reserve: { kind: 'share', share: 0.2 }, apply: undefined },
    torrents: { pauseBelowBps: null, downloadFloorBps: 2_000_000, share: undefined },
  });
});

t.test('mistakes are named by their key', async (t) => {
  for (const [text, says] of [
    ['shadow: { algorithm: magic }', /rehearsal\.shadow\.algorithm: "magic" is not an algorithm/],
    ['shadow: { min_per_viewer: 5, max_per_viewer: 4 }', /rehearsal\.shadow\.max_per_viewer: must be more than min_per_viewer/],
    ['shadow: { default_class: gold }', /rehearsal\.shadow\.default_class: "gold" is not one of bandwidth\.classes/],
    ['shadow: {}', /rehearsal\.shadow: names nothing that is to be otherwise/],
    ['shadow: { write_interval: 5s }', /rehearsal\.shadow\.write_interval/],
    ['recording: { days: 0 }', /rehearsal\.recording\.days: must be a whole number from 1/],
    ['recording: { max_size: 10KB }', /rehearsal\.recording\.max_size: must be from 4000000/],
  ] as const)
    await t.rejects(load(t, `rehearsal: { ${text} }\n`), { code: 'config_invalid', message: says });
});
