// `--dry-run`: decides and tells, and changes nothing at any neighbour.
import t from 'tap';
import { observeHome } from '../../demo/home-observer.ts';
import { programPath } from '../../demo/our-programs.ts';
import { createProgram } from '../../demo/program.ts';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { until } from './fixtures/until.ts';
import { limitsOf, ORIGINALS, PEOPLE, watchFromOutside } from './fixtures/watched-home.ts';

t.test('--dry-run changes nothing at any neighbour (rows 47, 195)', async (t) => {
  const home = await startSimulatedHome({ jellyfin: { users: PEOPLE }, upKbit: 20_000 });
  t.teardown(() => home[Symbol.asyncDispose]());
  const rehearsal = createProgram({
    name: 'rehearsal',
    args: [programPath('controller'), '--config', home.configFile, '--dry-run'],
    readyText: 'Headgate runs',
  });
  t.teardown(() => rehearsal[Symbol.asyncDispose]());
  await rehearsal.start();
  await home.agent.start();
  const observer = await observeHome(home);
  t.teardown(() => observer[Symbol.asyncDispose]());
  const viewer = await watchFromOutside(home);
  await until(
    'a decision with caps',
    () => observer.state()?.remote_streams === 1 && observer.state()?.viewers['main/anna'] !== null,
    {
      show: observer.state,
    },
  );
  t.equal(observer.state()?.dry_run, true);
  await viewer.leave();
  await until('and one without the stream', () => observer.state()?.remote_streams === 0, { show: observer.state });
  t.equal(await rehearsal.stop(), 0);
  t.same(limitsOf(home), ORIGINALS);
  const changing = home.jellyfin.requests().filter((one) => one.changing && one.by === 'key');
  t.same(changing, [], 'no changing request at Jellyfin');
  const posts = home.torrents.simulator?.requests().filter(({ method, path }) => method !== 'GET' && path !== 'auth/login');
  t.same(
    posts?.filter(({ path }) => path !== 'auth/logout'),
    [],
    'none at qBittorrent but the log-in',
  );
  t.same(home.router.writes(), [], 'none at the router');
  const decided = rehearsal.lines().filter(({ part, dry_run }) => part === 'bandwidth' && dry_run === true);
  t.ok(
    decided.some(({ remote_streams }) => remote_streams === 1),
    'its decisions are logged as ever',
  );
});
