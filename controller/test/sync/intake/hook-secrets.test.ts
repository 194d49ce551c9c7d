// Each server has a secret of its own, kept for its owner only.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openHookSecrets } from '../../../src/sync/intake/hook-secrets.ts';

const made = (name: string) => ({ name, secret: null, mayBeInUrl: false });

t.test('secrets are made once, differ by server, and are the same in the next run', async (t) => {
  const folder = t.testdir();
  const one = await openHookSecrets({ folder, servers: [made('wan'), made('lan')] });
  const two = await openHookSecrets({ folder, servers: [made('lan')] });
  t.match(one.textOf('lan'), /^hook\.[\w-]{43}$/);
  t.equal(two.textOf('lan'), one.textOf('lan'));
  t.not(one.textOf('wan'), one.textOf('lan'));
  const key = join(folder, 'webhook-key');
  t.equal(statSync(key).mode & 0o777, 0o600);
  t.notMatch(one.textOf('wan'), readFileSync(key, 'utf8').trim());
  t.throws(() => two.textOf('wan'), { code: 'not_found' });
});

t.test('a secret is right for its own server only', async (t) => {
  const servers = [made('wan'), { name: 'lan', secret: 'long enough to be one', mayBeInUrl: true }];
  const secrets = await openHookSecrets({ folder: t.testdir(), servers });
  t.ok(secrets.isRight('wan', secrets.textOf('wan')));
  t.ok(secrets.isRight('lan', 'long enough to be one'));
  for (const wrong of ['', 'x', secrets.textOf('wan'), 'long enough to be one ']) t.notOk(secrets.isRight('lan', wrong));
  t.notOk(secrets.isRight('elsewhere', secrets.textOf('wan')));
  t.same([secrets.knows('wan'), secrets.knows('elsewhere')], [true, false]);
  t.same([secrets.mayBeInUrl('wan'), secrets.mayBeInUrl('lan'), secrets.mayBeInUrl('elsewhere')], [false, true, false]);
});

t.test('where all secrets are configured no key is made', async (t) => {
  const folder = t.testdir();
  await openHookSecrets({ folder, servers: [{ name: 'lan', secret: 'long enough to be one', mayBeInUrl: false }] });
  t.throws(() => statSync(join(folder, 'webhook-key')), { code: 'ENOENT' });
});

t.test('a key that is none is told, and never overwritten', async (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, 'webhook-key'), 'mine\n');
  await t.rejects(openHookSecrets({ folder, servers: [made('wan')] }), {
    code: 'storage_failed',
    message: /webhook-key is no key/,
  });
  t.equal(readFileSync(join(folder, 'webhook-key'), 'utf8'), 'mine\n');
  await t.rejects(openHookSecrets({ folder: join(folder, 'none'), servers: [made('wan')] }), { code: 'storage_failed' });
});
