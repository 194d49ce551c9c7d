// The list bandwidth.schedule as people write it, and what is said where it is wrong.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { messageOf } from '../../src/errors.ts';
import { settingsByTheHour } from '../../src/wiring/bandwidth-of-config.ts';

const load = async (t: Test, yaml: string) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env: {}, algorithms: ['demand'] });
};
const problems = async (t: Test, rules: string): Promise<readonly string[]> =>
  await load(t, `bandwidth:\n  schedule:\n${rules}`).then(
    () => [],
    (error: unknown) =>
      messageOf(error)
        .split('\n')
        .map((line) => line.replace(/^.*controller\.yaml:\d+:\d+: /, '')),
  );

t.test('rules hold by the clocks of the home, first things first', async (t) => {
  const settings = settingsByTheHour(
    await load(
      t,
      `
home: { time_zone: Europe/Berlin }
uplink: { upload: 40, reserve: 10% }
torrents: { download_reserve: 5 }
torrent_clients:
  - { name: qbit, type: qbittorrent, url: http://q:1, username: u, password: p }
bandwidth:
  schedule:
    - { name: weekend-evening, days: [fri, sat], from: "19:00", to: "01:30", upload: 35, reserve: 20%, max_per_viewer: 15 }
    - { name: night, from: "01:00", to: "07:00", limit_when_idle: 30, download_reserve: 0%, torrent_floor: 2 MB/s }
`,
    ),
  );
  const at = (utc: string) => settings(Date.parse(utc));
  t.match(at('2026-07-17T16:59Z'), { rule: null, capacityUpBps: 40e6, reserve: { percent: 10 } });
  t.match(at('2026-07-17T17:00Z'), {
    rule: 'weekend-evening',
    capacityUpBps: 35e6,
    reserve: { percent: 20 },
    maxPerViewerBps: 15e6,
  });
  t.equal(at('2026-01-16T17:30Z').rule, null, 'an hour later in winter, by UTC');
  t.equal(at('2026-07-17T23:15Z').rule, 'weekend-evening', 'the first that fits, until 01:30');
  t.match(at('2026-07-17T23:30Z'), {
    rule: 'night',
    capacityUpBps: 40e6,
    torrentFloorBps: 16e6,
    torrents: { downloadReserve: { percent: 0 } },
    torrentClients: { qbit: { whenIdleBps: 30e6, whileStreamingBps: null } },
  });
  t.equal((await load(t, '')).bandwidth.schedule.length, 0);
});

t.test('what is wrong is told at its place', async (t) => {
  for (const [rule, problem] of [
    ['{ from: "1:00" }', /schedule\[?\.?0\]?\.from: must be a time of day/],
    ['{ from: "24:30" }', /from: must be a time of day/],
    ['{ from: 18 }', /from: must be a time of day in quotes/],
    ['{ from: "18:00", to: "18:00" }', /to: must not be the same as from/],
    ['{ from: "24:00" }', /from: must be before "24:00"/],
    ['{ days: [monday] }', /days.*must be mon, tue/],
    ['{ upload: 5, reserve: 5 }', /reserve: must be less than upload/],
    ['{ max_per_viewer: 2 }', /max_per_viewer: must be more than min_per_viewer/],
    ['{ uplaod: 5 }', /uplaod/],
    ['{ upload: fast }', /upload: must be a rate/],
  ] as const)
    t.match((await problems(t, `    - ${rule.replace('{', '{ name: r,')}\n`)).join('\n'), problem, rule);
  t.match((await problems(t, '    - { from: "18:00" }\n')).join(), /name/);
  t.match((await problems(t, '    - { name: a }\n    - { name: a }\n')).join(), /the name "a" is taken/);
  const many = Array.from({ length: 101 }, (_, i) => `    - { name: r${i} }\n`).join('');
  t.match((await problems(t, many)).join(), /at most 100 rules/);
});
