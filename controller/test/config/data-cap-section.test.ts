// The section data_cap as people write it, and what is said where it is wrong.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { messageOf } from '../../src/errors.ts';

const load = async (t: Test, yaml: string) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return (await loadConfig({ path, env: {}, algorithms: ['demand'] })).dataCap;
};

t.test('without it nothing is capped', async (t) => {
  t.same(await load(t, 'home: { name: Home }'), {
    limits: { upload: null, download: null, together: null },
    ...{ beginsOn: 1, warnAt: [75, 90], whenReached: 'nothing' },
  });
});

t.test('GB and GiB, TB and TiB, a day of the month, percentages', async (t) => {
  t.same(
    await load(
      t,
      'data_cap: { upload: 500 GB, download: 1.5TB, together: 2 TiB, month_begins_on: 15, warn_at: [50], when_reached: torrents_to_floor }',
    ),
    {
      limits: { upload: 500e9, download: 1.5e12, together: 2 * 1024 ** 4 },
      ...{ beginsOn: 15, warnAt: [50], whenReached: 'torrents_to_floor' },
    },
  );
});

t.test('what cannot be is refused by its key', async (t) => {
  for (const [keys, says] of [
    ['upload: 500', /data_cap\.upload: .*from 1000000 to/],
    ['upload: much', /data_cap\.upload: .*must be a size/],
    ['upload: 2TB, together: 1TB', /data_cap\.upload: .*must not be more than together/],
    ['month_begins_on: 32', /data_cap\.month_begins_on: .*from 1 to 31/],
    ['warn_at: [100]', /data_cap\.warn_at\.0|data_cap\.warn_at\[0\]/],
    ['warn_at: 75', /data_cap\.warn_at: .*list of percentages/],
    ['when_reached: stop', /data_cap\.when_reached: .*nothing or torrents_to_floor/],
    ['uplaod: 5GB', /uplaod/],
  ] as const)
    await t.rejects(
      load(t, `data_cap: { ${keys} }`).catch((error: unknown) => {
        throw new Error(messageOf(error));
      }),
      { message: says },
      keys,
    );
});
