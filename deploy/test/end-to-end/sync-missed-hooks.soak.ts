// Hooks that get lost between two whole programs, as slowly as it is: noticed by what the server tells of its sessions and in its log.
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { ADMIN_PASSWORD, startSyncHome } from './fixtures/sync-home.ts';
import { until } from './fixtures/until.ts';

type Server = { readonly name: string; readonly hooks: string; readonly missed_hooks: number };

t.test(
  'a film whose hooks get lost is on the other server; who asks is told, and again when hooks come',
  { timeout: 300_000 },
  async (t) => {
    const home = await startSyncHome(t, {
      servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' } },
      sync: { reconcile: { quick: '10s' } },
    });
    const [attic, barn] = [home.server('attic'), home.server('barn')];
    const api = await logIn({ httpUrl: home.httpUrl, adminPassword: ADMIN_PASSWORD });
    const hooks = async () => (await api.get<readonly Server[]>('/api/servers')).find(({ name }) => name === 'attic');
    const show = () => home.controller.lines().slice(-10);
    await until('the plugin is set up', async () => (await hooks())?.hooks === 'expected', { show });
    const [anna, atBarn] = [await attic.logIn('anna'), await barn.logIn('anna')];
    attic.sim.webhooks.disturb({ seed: 1, lost: 1 });
    await anna.call('POST', `/UserItems/${attic.itemId('Gamma')}/Rating?likes=true`);
    await anna.call('POST', '/Sessions/Playing', { ItemId: attic.itemId('Alpha'), PositionTicks: 0 });
    await until('it is noticed', async () => (await hooks())?.hooks === 'lost', { mostMs: 90_000, show });
    await until('the rating', async () => (await atBarn.state('Gamma'))['Rating'] === 10, { mostMs: 30_000, show });
    t.equal((await atBarn.state('Alpha'))['PlayCount'], 1);
    await attic.sim.webhooks.calm();
    await anna.call('POST', '/Sessions/Playing/Stopped', { ItemId: attic.itemId('Alpha'), PositionTicks: 18_000_000_000 });
    await until('hooks come again', async () => (await hooks())?.hooks === 'expected', { mostMs: 90_000, show });
    const said = home.controller
      .lines()
      .flatMap(({ text }) => (/hooks of (attic get|this server come)/.test(text ?? '') && text !== undefined ? [text] : []));
    t.match(said, [/get lost/, /come again/]);
    t.equal((await hooks())?.missed_hooks, 1);
  },
);
