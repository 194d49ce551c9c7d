// The administrator's password: configured, or made once and kept for its owner only.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { adminPassword, createPasswordCheck } from '../../src/http/admin-password.ts';

t.test('a configured one is taken and nothing is written', async (t) => {
  const folder = t.testdir();
  t.same(await adminPassword('mine', folder), { password: 'mine', path: null, isNew: false });
  t.throws(() => statSync(join(folder, 'admin-password')), { code: 'ENOENT' });
});

t.test('without one it is made, kept across starts, and readable by its owner only', async (t) => {
  const folder = join(t.testdir(), 'new', 'data');
  const first = await adminPassword(null, folder);
  t.match(first, { isNew: true, path: join(folder, 'admin-password') });
  t.match(first.password, /^([0-9a-f]{6}-){4}[0-9a-f]{6}$/);
  t.equal(statSync(join(folder, 'admin-password')).mode & 0o777, 0o600);
  t.equal(readFileSync(join(folder, 'admin-password'), 'utf8').trim(), first.password);
  t.same(await adminPassword(null, folder), { ...first, isNew: false });
  t.not((await adminPassword(null, t.testdir())).password, first.password);
});

t.test('an empty file that a crash left is filled, also with the right mode', async (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, 'admin-password'), '', { mode: 0o644 });
  t.equal((await adminPassword(null, folder)).isNew, true);
  t.equal(statSync(join(folder, 'admin-password')).mode & 0o777, 0o600);
});

t.test('where it cannot be kept, the start fails', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'file');
  await t.rejects(adminPassword(null, folder), { code: 'storage_failed', message: /file\/admin-password/ });
});

t.test('the check takes the right one only, however it is composed', async (t) => {
  const isRight = createPasswordCheck('gr\u00fcn');
  t.equal(await isRight('gr\u00fcn'), true);
  t.equal(await isRight('gru\u0308n'), true, 'a Mac types the same letter in two parts');
  for (const guess of ['', 'grun', 'gr\u00fcn ', 'x'.repeat(1_000)]) t.equal(await isRight(guess), false);
});
