// URL tokens: the same for ever, until they are revoked; worth nothing without the key.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { newTokenId, openToken, sealToken } from '../../../src/channels/capabilities/stream-token.ts';
import { openStreamTokens, type StreamToken, type StreamTokenTables } from '../../../src/channels/capabilities/stream-tokens.ts';
import { openTokenKey } from '../../../src/channels/capabilities/token-key.ts';
import { systemClock } from '../../../src/clock.ts';
import { streamTokensMigration } from '../../../src/database/migrations/007-stream-tokens.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';

const open = async (folder: string, more: { readonly onRemoved?: (token: StreamToken) => void } = {}) => {
  const database = await openDatabase({ path: folder, log: silentLog, clock: systemClock, migrations: [streamTokensMigration] });
  const key = await openTokenKey(folder);
  const tables = database.tables<StreamTokenTables>();
  const tokens = await openStreamTokens({ tables, key, clock: systemClock, log: silentLog, ...more });
  return { tokens, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
};

t.test('a token opens what its id is, and nothing that was changed does', async (t) => {
  const key = Buffer.alloc(32, 1);
  const id = newTokenId();
  const token = sealToken(key, id);
  t.match(token, /^[A-Za-z0-9_-]{44}$/);
  t.equal(sealToken(key, id), token);
  t.equal(openToken(key, token), id);
  t.equal(openToken(Buffer.alloc(32, 2), token), null, 'another key');
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === 'x' ? 'y' : 'x';
    t.equal(openToken(key, token.slice(0, index) + other + token.slice(index + 1)), null, `character ${index}`);
  }
  for (const odd of ['', token.slice(1), `${token}x`, `${token.slice(0, 43)}=`, `${token.slice(0, 43)}\n`])
    t.equal(openToken(key, odd), null);
});

t.test('over restarts the token is the same; revoked, it is none any more, here and after the next start', async (t) => {
  const folder = t.testdir();
  let text = '';
  {
    await using first = await open(folder);
    const made = await first.tokens.ensure('jellyfin home');
    text = first.tokens.textOf(made);
    t.match(first.tokens.check(text), { name: 'jellyfin home' });
    t.same(await first.tokens.ensure('jellyfin home'), made);
    await t.rejects(first.tokens.add('jellyfin home'), { code: 'conflict' });
    const [one, two] = await Promise.all([first.tokens.ensure('tv'), first.tokens.ensure('tv')]);
    t.same(one, two);
  }
  const removed: string[] = [];
  {
    await using second = await open(folder, { onRemoved: ({ name }) => removed.push(name) });
    t.same(
      second.tokens.list().map(({ name }) => name),
      ['jellyfin home', 'tv'],
    );
    const known = second.tokens.check(text);
    t.equal(second.tokens.textOf(known ?? { id: '' }), text);
    await second.tokens.remove(known?.id ?? '');
    t.equal(second.tokens.check(text), null);
    t.same(removed, ['jellyfin home']);
    await t.rejects(second.tokens.remove(known?.id ?? ''), { code: 'not_found' });
    const again = await second.tokens.ensure('jellyfin home');
    t.not(second.tokens.textOf(again), text, 'a new right has a new address');
  }
  await using third = await open(folder);
  t.equal(third.tokens.check(text), null);
});

t.test('a stolen database opens nothing: its files hold neither token nor key', async (t) => {
  const folder = t.testdir();
  await using opened = await open(folder);
  const text = opened.tokens.textOf(await opened.tokens.add('tv'));
  const key = (await readFile(join(folder, 'stream-key'), 'utf8')).trim();
  const names = (await readdir(folder)).filter((name) => name !== 'stream-key');
  t.ok(names.length > 0);
  for (const name of names) {
    const bytes = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    for (const secret of [text, text.slice(12), key]) t.equal(bytes.includes(secret), false, name);
  }
});

t.test('the key is for its owner only, made once, and never overwritten', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'stream-key');
  const first = await openTokenKey(folder);
  t.equal(first.length, 32);
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.same(await openTokenKey(folder), first);
  await writeFile(path, 'half a k');
  await t.rejects(openTokenKey(folder), { code: 'storage_failed', message: /stream-key is no key/ });
  t.equal(await readFile(path, 'utf8'), 'half a k');
  await t.rejects(openTokenKey(join(folder, 'absent')), { code: 'storage_failed' });
});
