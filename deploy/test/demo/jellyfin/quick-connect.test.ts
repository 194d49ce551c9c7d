// Quick Connect and logging out.
import t from 'tap';
import { startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { ask, logIn } from './authorized-fetch.ts';

type Wish = { readonly Secret: string; readonly Code: string; readonly Authenticated: boolean };

t.test('a code that somebody agrees to becomes that user’s token, once; one who logs out has none', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  const call = (method: string, path: string, token = '', body?: unknown) => ask(sim.url + path, method, token, body);
  const wish = (await call('POST', '/QuickConnect/Initiate')).json as Wish;
  t.match(wish, { Code: /^\d{6}$/, Authenticated: false });
  const status = async () => (await call('GET', `/QuickConnect/Connect?secret=${wish.Secret}`)).json as Wish;
  t.equal((await status()).Authenticated, false);
  t.equal(
    (await call('POST', '/Users/AuthenticateWithQuickConnect', '', { Secret: wish.Secret })).status,
    404,
    'nobody agreed yet',
  );
  const anna = await logIn(sim.url, 'anna');
  t.equal((await call('POST', '/QuickConnect/Authorize?code=nonsense', anna)).status, 404);
  t.equal((await call('POST', `/QuickConnect/Authorize?code=${wish.Code}`, sim.apiKey)).status, 400, 'a key is nobody');
  t.equal((await call('POST', `/QuickConnect/Authorize?code=${wish.Code}`, anna)).status, 200);
  t.equal((await status()).Authenticated, true);
  const entered = await call('POST', '/Users/AuthenticateWithQuickConnect', '', { Secret: wish.Secret });
  const { AccessToken: token } = entered.json as { AccessToken: string };
  t.match((await call('GET', '/Users/Me', token)).json, { Name: 'anna' });
  t.equal((await call('GET', `/QuickConnect/Connect?secret=${wish.Secret}`)).status, 404);
  t.equal((await call('POST', '/Sessions/Logout', token)).status, 204);
  t.equal((await call('GET', '/Users/Me', token)).status, 401);
  t.equal((await call('GET', '/Users/Me', anna)).status, 200);
});

t.test('switched off, and without a named device: refused', async (t) => {
  await using sim = await startJellyfinSimulator();
  t.equal((await fetch(`${sim.url}/QuickConnect/Initiate`, { method: 'POST' })).status, 400);
  sim.settings.configuration = { ...sim.settings.configuration, QuickConnectAvailable: false };
  t.equal((await ask(`${sim.url}/QuickConnect/Initiate`, 'POST', '')).status, 401);
  t.equal((await ask(`${sim.url}/QuickConnect/Enabled`, 'GET', '')).json, false);
});
