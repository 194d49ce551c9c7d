// The real qbittorrent-nox comes, stays itself over restarts, and leaves nothing behind.
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../demo/qbittorrent/start-qbittorrent.ts';
import { ask, cookiePair } from './ask-qbittorrent.ts';

const skip = !(await hasQbittorrent()) && 'qbittorrent-nox is not installed';
const login = { form: { username: 'admin', password: 'secret' } };
const limitOf = async (url: string): Promise<string> => {
  const headers = { cookie: cookiePair(await ask(url, 'auth/login', login)) };
  return (await ask(url, 'transfer/uploadLimit', { headers })).body;
};

t.test('a temporary profile goes with the program', { skip }, async (t) => {
  const gone = await startQbittorrent({ password: 'secret', uploadLimitKiB: 7 });
  t.equal(await limitOf(gone.url), '7168');
  await gone[Symbol.asyncDispose]();
  await t.rejects(access(gone.profileDir));
  await t.rejects(ask(gone.url, 'app/version'), { code: 'ECONNREFUSED' });
});

t.test('a given profile is kept, and goes on as it was', { skip }, async (t) => {
  const profileDir = await mkdtemp(join(tmpdir(), 'headgate-profile-'));
  t.teardown(() => rm(profileDir, { recursive: true, force: true }));
  let url = '';
  {
    await using first = await startQbittorrent({ profileDir, password: 'secret', uploadLimitKiB: 7 });
    url = first.url;
  }
  await using again = await startQbittorrent({ profileDir, password: 'other', uploadLimitKiB: 9 });
  t.equal(again.url, url);
  t.equal(await limitOf(again.url), '7168', 'password and limit are those of the profile');
});
