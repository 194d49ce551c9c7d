// Seeding from the request to the manifest, over real HTTP and on real files.
import { createHash } from 'node:crypto';
import { symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '@headgate/agent-node/torrent-engine';
import { groupManifest } from '@headgate/protocol';
import t from 'tap';
import { hashFiles } from '../../../agent-node/src/torrent/hash-files.ts';
import { newFolder } from './open-distribution.ts';
import { openSeeding } from './open-seeding.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
type Job = { id: string; state: string; magnet: string | null; info_hash: string | null; problem: string | null };

t.test('rows 220, 221, 244, 246, 248: a file is shared by its path alone, and its item has hash, size and magnet', async (t) => {
  const { seed, put, get, events, orders, library } = await openSeeding(t);
  const path = await put('Film (2019).mkv', 'a film');
  const { status, json } = await seed({ path });
  t.equal(status, 200);
  const job = json as Job;
  t.match(job, { state: 'active', problem: null, places: [{ group: 'family', path: 'Film (2019).mkv', title: 'Film (2019)' }] });
  t.equal(job.magnet, `magnet:?xt=urn:btih:${job.info_hash}&dn=Film%20(2019)`);
  const manifest = groupManifest.parse((await get('/manifest/family.json')).json);
  t.same(manifest.items, [
    {
      title: 'Film (2019)',
      torrent: job.magnet,
      path: 'Film (2019).mkv',
      size: 6,
      sha256: sha256('a film'),
      info_hash: job.info_hash,
    },
  ]);
  t.match(orders.get(job.info_hash ?? ''), {
    folder: library,
    files: ['Film (2019).mkv'],
    readOnly: true,
    announce: [],
    peers: [],
  });
  t.match(events, [{ type: 'seed_done', details: { magnet: job.magnet } }]);
});

t.test('row 221: without waiting a job is answered at once, and its state tells the rest', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { seed, put, get } = await openSeeding(t, {
    engine: {
      hash: async (path, options, progress, signal) => {
        progress(3);
        await gate.promise;
        return await hashFiles(path, options, () => {}, signal);
      },
    },
  });
  const path = await put('one.mkv', 'a film');
  const first = await seed({ path }, false);
  t.equal(first.status, 202);
  const { id } = first.json as Job;
  t.equal(first.headers.get('location'), `/seeds/${id}`);
  const second = await seed({ path, group: 'friends' }, false);
  t.equal((second.json as Job).id, id, 'the same path is the same job');
  for (let tries = 0; tries < 100; tries += 1) {
    if (((await get(`/seeds/${id}`)).json as { hashed_bytes: number }).hashed_bytes === 3) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.match((await get(`/seeds/${id}`)).json, { state: 'pending', magnet: null, hashed_bytes: 3, size: 6 });
  t.match((await get('/seeds?state=pending')).json, { seeds: [{ id }] });
  gate.resolve();
  t.match(await seed({ path }), { status: 200, json: { id, magnet: /^magnet:/ } });
  t.match((await get('/manifest/friends.json')).json, { items: [{ title: 'one' }] }, 'asked for while it was hashed');
});

t.test('row 222: a second group gets it as well, under its own path; asked again nothing changes', async (t) => {
  const { seed, put, get, hashes } = await openSeeding(t);
  const path = await put('one.mkv', 'a film');
  await seed({ path, group: 'family', dest_path: 'Films/One/One.mkv', title: 'One (2001)' });
  const both = await seed({ path, group: ['friends', 'club'], title: 'One' });
  t.equal(both.status, 200);
  await seed({ path, group: 'family', dest_path: 'Films/One/One.mkv', title: 'One (2001)' });
  t.match((await get('/manifest/family.json')).json, { version: 1, items: [{ path: 'Films/One/One.mkv', title: 'One (2001)' }] });
  for (const group of ['friends', 'club'])
    t.match((await get(`/manifest/${group}.json`)).json, { version: 1, items: [{ path: 'one.mkv', title: 'One' }] });
  t.equal(hashes.length, 1, 'hashed once');
});

t.test('row 245: a folder is one item with a hash for each file', async (t) => {
  const { seed, put, get, library, orders } = await openSeeding(t);
  await put('Show.Name/Season 1/e1.mkv', 'one');
  await put('Show.Name/Season 1/e2.mkv', 'two');
  await put('Show.Name/.hidden', 'no');
  const { json } = await seed({ path: join(library, 'Show.Name') });
  t.match(json, { state: 'active', files: 2, size: 6, places: [{ path: 'Show.Name', title: 'Show.Name' }] });
  const { items } = groupManifest.parse((await get('/manifest/family.json')).json);
  t.equal(items[0]?.sha256, undefined);
  t.same(items[0]?.files, [
    { path: 'Season 1/e1.mkv', size: 3, sha256: sha256('one') },
    { path: 'Season 1/e2.mkv', size: 3, sha256: sha256('two') },
  ]);
  t.match([...orders.values()][0], { folder: join(library, 'Show.Name'), files: ['Season 1/e1.mkv', 'Season 1/e2.mkv'] });
});

t.test('row 247: nothing outside of the roots is shared, nor is it told what is there', async (t) => {
  const { seed, put, library, folder, get } = await openSeeding(t);
  const outside = join(folder, 'secret.txt');
  await writeFile(outside, 'secret');
  await put('one.mkv', 'a film');
  await symlink(outside, join(library, 'link.mkv'));
  await symlink(folder, join(library, 'up'));
  await put('with-link/one.mkv', 'x');
  await symlink(outside, join(library, 'with-link', 'two.mkv'));
  for (const path of [
    outside,
    '/etc/passwd',
    '/no/such/file',
    `${library}/../secret.txt`,
    join(library, 'link.mkv'),
    `${library}/up/secret.txt`,
    `${library}-other/x`,
  ]) {
    const { status, json } = await seed({ path });
    t.equal(status, 403, path);
    t.match(json, { error: { message: /not below one of distribution\.roots/ } });
  }
  t.match(await seed({ path: join(library, 'none.mkv') }), { status: 404, json: { error: { message: /^path: there is no/ } } });
  t.match(await seed({ path: library }), { status: 400, json: { error: { message: /is one of distribution\.roots itself/ } } });
  t.match(await seed({ path: join(library, 'with-link') }), { status: 400, json: { error: { message: /two\.mkv.*link/ } } });
  t.match(await seed({ path: 'one.mkv' }), { status: 400, json: { error: { message: /path: must be absolute/ } } });
  const bad = await seed({ path: join(library, 'one.mkv'), dest_path: '../one.mkv' });
  t.match(bad, { status: 400, json: { error: { message: /body\.dest_path: must be a relative path/ } } });
  t.same((await get('/seeds')).json, { seeds: [] });
  const none = await openSeeding(t, { roots: [] });
  t.match((await none.seed({ path: '/etc/passwd' })).json, { error: { message: /no folder may be shared/ } });
});

t.test('only groups that the configuration names, where it names some; and only with a log-in', async (t) => {
  const { seed, put, url, tokenOf } = await openSeeding(t, { groups: ['family'] });
  const path = await put('one.mkv', 'a film');
  t.match(await seed({ path, group: 'friends' }), { status: 400, json: { error: { message: /"friends" is not one of/ } } });
  const post = (headers: Record<string, string>) =>
    fetch(`${url}/seed`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ path }),
    });
  t.equal((await post({})).status, 401);
  t.equal((await post(await tokenOf('pi', ['family']))).status, 401);
});

t.test(
  'rows 223, 224: after a restart what waited is hashed, what was active is seeded unread, what changed is told',
  async (t) => {
    const folder = await newFolder(t);
    const before = await openSeeding(t, {
      folder,
      engine: {
        hash: (path, options, progress, signal) =>
          path.endsWith('slow.mkv') ? forever(signal) : hashFiles(path, options, progress, signal),
      },
    });
    const [kept, changed, slow] = [
      await before.put('kept.mkv', 'kept'),
      await before.put('changed.mkv', 'before'),
      await before.put('slow.mkv', 'slow'),
    ];
    await before.seed({ path: kept });
    await before.seed({ path: changed });
    await before.seed({ path: slow }, false);
    await before.restart();
    await writeFile(changed, 'after!');
    await utimes(changed, 1, 1);
    const after = await openSeeding(t, { folder });
    for (const title of ['kept', 'slow']) await after.seed({ path: join(after.library, `${title}.mkv`) });
    t.same(after.hashes, [slow]);
    const listed = (await after.get('/seeds')).json as { seeds: Job[] };
    t.match(listed.seeds, [
      { state: 'active', path: kept },
      { state: 'failed', path: changed, problem: /"changed\.mkv" is not what it was/ },
      { state: 'active', path: slow },
    ]);
    t.equal(after.orders.size, 2);
    t.match(after.events, [{ type: 'seed_failed', severity: 'warning' }, { type: 'seed_done' }]);
    const again = await after.seed({ path: changed });
    t.match(again, { status: 200, json: { state: 'active' } });
    t.equal(((await after.get('/seeds')).json as { seeds: Job[] }).seeds.length, 3, 'it took the place of what was there before');
    const { items } = groupManifest.parse((await after.get('/manifest/family.json')).json);
    t.equal(items.find(({ title }) => title === 'changed')?.sha256, sha256('after!'));
    t.equal(items.length, 3);
  },
);

t.test('what lies below no root any more is shared no more', async (t) => {
  const folder = await newFolder(t);
  const before = await openSeeding(t, { folder });
  const { info_hash: hash } = (await before.seed({ path: await before.put('one.mkv', 'a film') })).json as Job;
  await before.restart();
  const after = await openSeeding(t, { folder, roots: [join(folder, 'other')] });
  const states = async () => ((await after.get('/seeds')).json as { seeds: Job[] }).seeds;
  for (let tries = 0; tries < 100 && (await states())[0]?.state !== 'failed'; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.match(await states(), [{ state: 'failed', problem: /not below one of distribution\.roots/ }]);
  t.equal((await after.get(`/web-seed/${hash}/one.mkv`)).status, 404);
  t.equal((await after.get(`/torrent/${hash}.torrent`)).status, 404);
});

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

t.test('what cannot be hashed is failed with its reason; a torrent process that is away is waited for', async (t) => {
  let isAway = true;
  const { seed, put, get } = await openSeeding(t, {
    engine: {
      hash: (path, options, progress, signal) => {
        if (path.endsWith('bad.mkv')) throw new EngineError('not_readable', '"bad.mkv" cannot be read: EIO');
        if (isAway) throw new EngineError('unavailable', 'The torrent process ended');
        return hashFiles(path, options, progress, signal);
      },
    },
  });
  const bad = await seed({ path: await put('bad.mkv', 'x') });
  t.match(bad, { status: 202, json: { state: 'failed', problem: /EIO/ } });
  const path = await put('good.mkv', 'x');
  const { json } = await seed({ path }, false);
  const { id } = json as Job;
  const problem = async () => ((await get(`/seeds/${id}`)).json as Job).problem;
  for (let tries = 0; tries < 100 && (await problem()) === null; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.match((await get(`/seeds/${id}`)).json, { state: 'pending', problem: /process ended/ });
  isAway = false;
  t.match(await seed({ path }), { status: 200, json: { state: 'active', problem: null } });
});

t.test('a seed is taken away; its item stays unless it is asked for', async (t) => {
  const { seed, put, get, url, admin, orders } = await openSeeding(t);
  const one = (await seed({ path: await put('one.mkv', '1') })).json as Job;
  const two = (await seed({ path: await put('two.mkv', '2') })).json as Job;
  const remove = (path: string) => fetch(`${url}/seeds/${path}`, { method: 'DELETE', headers: admin });
  t.equal((await remove(one.id)).status, 204);
  t.equal((await remove(`${two.id}?items=1`)).status, 204);
  t.equal((await remove(one.id)).status, 404);
  t.equal((await get(`/seeds/${one.id}`)).status, 404);
  t.match((await get('/manifest/family.json')).json, { items: [{ title: 'one' }] });
  t.equal(orders.size, 0);
  t.equal((await get(`/torrent/${one.info_hash}.torrent`)).status, 404);
});
