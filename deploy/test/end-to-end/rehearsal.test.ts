// Gap 10 of facts/bandwidth.md §9, with the programs: record, rehearse by the command and by REST, and a shadow beside what rules.
import { readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { runCommand } from './fixtures/run-command.ts';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

type Report = {
  readonly turns: number;
  readonly decided_otherwise: number;
  readonly moments: number;
  readonly differing_s: number;
  readonly viewers: readonly { readonly viewer: string; readonly name: string; readonly lower_minutes: number }[];
  readonly first: readonly { readonly what: string; readonly was_reason: string; readonly would_reason: string }[];
  readonly problems: readonly string[];
};

const SHADOW = { upload: 6, algorithm: 'equal' };

t.test('recorded, rehearsed, and a shadow that writes nothing', async (t) => {
  const rehearsal = { recording: { enabled: true }, shadow: SHADOW };
  // What rules only rehearses, so that every changing request would be the shadow's.
  const { home, observer } = await startWatchedHome(t, { config: { rehearsal, bandwidth: { dry_run: true } } });
  const viewer = await watchFromOutside(home);
  await until('the shadow differs', () => observer.state()?.shadow_differs === true, { show: observer.state });
  t.ok((observer.state()?.shadow_differences ?? 0) > 0);
  t.match(observer.state()?.shadow_reason, /6\.0 Mbit\/s less/);
  const api = await logIn(home);
  const shadow = await api.get<{ readonly differs: boolean; readonly last: { readonly live_reason: string } }>(
    '/api/bandwidth/shadow',
  );
  t.equal(shadow.differs, true);
  t.match(shadow.last.live_reason, /20\.0 Mbit\/s less/);
  await wait(5_000);

  await t.test('no request leaves because of the shadow', async (t) => {
    t.same(limitsOf(home), ORIGINALS);
    t.same(
      home.jellyfin.requests().filter((one) => one.changing && one.by === 'key'),
      [],
    );
    const posts = home.torrents.simulator?.requests().filter(({ method }) => method !== 'GET') ?? [];
    t.same(
      posts.filter(({ path }) => !path.startsWith('auth/')),
      [],
    );
  });

  // A stop writes what is still in memory.
  await viewer.leave();
  await home.controller.stop();
  const folder = dirname(home.configFile);
  const [recording = ''] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.turns.rec'));
  t.equal((await stat(join(folder, recording))).mode & 0o777, 0o600);

  await t.test('by the command: for a person, and for a program', async (t) => {
    const other = join(folder, 'other.yaml');
    await writeFile(other, 'uplink: { upload: 5 }\nbandwidth: { algorithm: equal }\n');
    const command = (...args: string[]) => runCommand(['--config', home.configFile, '--rehearse', other, ...args]);
    const person = await command();
    t.equal(person.code, 0, person.stderr);
    t.match(person.stdout, /^Replayed 20\d\d-/);
    t.match(person.stdout, /main\/anna: lower for \d+ min, higher for 0 min; least cap .* → .* Mbit\/s/);
    t.match(person.stdout, /was: {3}1 remote stream at main draws .*20\.0 Mbit\/s less/);
    t.match(person.stdout, /would: 1 remote stream at main draws .*5\.0 Mbit\/s less/);
    t.match(person.stdout, /What a replay cannot know:/);
    t.match(person.stdout, /media_servers is another there/);
    const program = await command('--json');
    const report = JSON.parse(program.stdout) as Report;
    t.ok(report.turns > 10 && report.moments > 0 && report.differing_s > 1, program.stdout.slice(0, 300));
    t.equal(report.decided_otherwise, 0, 'the run of the program, decided again by it');
    t.same(report.problems, []);
    const none = await command('--from', '2020-01-01', '--to', '2020-01-02');
    t.equal(none.code, 1);
    t.match(none.stdout, /Nothing is recorded of that time/);
    t.match((await command('--from', 'yesterday')).stderr, /--from yesterday: must be a time such as/);
    t.match((await runCommand(['--config', home.configFile, '--json'])).stderr, /--json/);
  });

  await t.test('by REST, off the event loop', async (t) => {
    await home.controller.start();
    const door = await logIn(home);
    const ask = (body: object) => door.call('POST', '/api/bandwidth/rehearsals', body);
    const same = await ask({ settings: {} });
    t.equal(same.status, 200, same.text);
    t.match(same.body, { moments: 0, decided_otherwise: 0, viewers: [], changed_by_hand: [] } satisfies Partial<
      Record<string, unknown>
    >);
    const other = (await ask({ settings: { capacity_up_bps: 5_000_000, reserve: { percent: 20 } } })).body as Report;
    t.ok(other.moments > 0);
    t.match(other.first[0]?.would_reason, /5\.0 Mbit\/s less 1\.0 Mbit\/s reserve/);
    const file = (await ask({ configuration: 'uplink: { upload: 5 }\nmqtt: { password_file: /etc/shadow }\n' })) as {
      status: number;
      text: string;
    };
    t.notMatch(file.text, /root/, 'no file of this machine is read for it');
    const text = await ask({ configuration: 'uplink: { upload: 5, reserve: 20% }\n' });
    t.equal((text.body as Report).moments, other.moments, 'the same as a whole configuration');
    for (const [body, says] of [
      [{}, /either settings or configuration/],
      [{ settings: { algorithm: 'magic' } }, /magic.* is none of/],
      [{ settings: { reserve_percent: 5 } }, /reserve_percent/],
      [{ configuration: 'uplink: { uplaod: 5 }\n' }, /uplaod/],
      [{ settings: {}, from: '2026-01-01T00:00:00Z', to: '2025-01-01T00:00:00Z' }, /must be before to/],
      [{ settings: {}, from: '2020-01-01T00:00:00Z' }, /at most 31 days/],
    ] as const) {
      const { status, text: answer } = await ask(body);
      t.equal(status, 400, answer);
      t.match(answer, says);
    }
    const both = await Promise.all([ask({ settings: {} }), ask({ settings: {} })]);
    t.same(both.map(({ status }) => status).sort(), [200, 409], 'one at a time');
    const recordings = await door.get<{ readonly enabled: boolean; readonly files: readonly object[] }>(
      '/api/bandwidth/recordings',
    );
    t.match(recordings, { enabled: true, problem: null, files: [{ each: 'turn' }] });
  });

  await t.test('killed: what was recorded before is whole, and it records on', async (t) => {
    await home.controller.kill();
    await home.controller.start();
    const door = await logIn(home);
    const { status, body, text } = await door.call('POST', '/api/bandwidth/rehearsals', { settings: {} });
    t.equal(status, 200, text);
    const report = body as Report;
    t.ok(report.turns > 10);
    t.equal(report.decided_otherwise, 0);
    t.same(
      report.problems.filter((problem) => !problem.includes('ends within a block')),
      [],
    );
    t.match(await door.get('/api/bandwidth/recordings'), { enabled: true, problem: null });
    t.equal((await door.get<{ readonly warnings: readonly string[] }>('/api/bandwidth')).warnings.length, 0);
  });
});
