// The program with --once: what is shared arrives at its path, verified, once.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { wantedItem } from '../src/library/wanted.ts';
import { startNodeHome, until } from './node-home.ts';
import { bytesOf, sha256Of } from './share-server.ts';

t.setTimeout(120_000);
const hash = (letter: string): string => letter.repeat(40);
const film = bytesOf(5_000_000, 'a');

t.test(
  'rows 209, 210, 215: items arrive at their path whatever the torrent is called; the second round downloads nothing',
  async (t) => {
    await using home = await startNodeHome();
    const { server } = home;
    server.publish('family', [
      server.share(`${hash('a')}/a.mkv`, film, { path: 'Films/A (2020)/a.mkv' }),
      server.share(`${hash('b')}/b.mkv`, bytesOf(100_000, 'b'), { path: 'Films/b.mkv' }),
      server.share(`${hash('c')}/c.mkv`, Buffer.alloc(0), { path: 'Films/c.mkv' }),
    ]);
    const first = await home.run(['--once']);
    t.equal(first.code, 0, first.err);
    t.same(home.seen(), ['Films/A (2020)/a.mkv', 'Films/b.mkv', 'Films/c.mkv']);
    t.ok(home.read('Films/A (2020)/a.mkv')?.equals(film));
    t.same(readdirSync(join(home.library, '.headgate/staging')), [], 'nothing stays in staging');
    t.ok(existsSync(join(home.library, '.headgate/.ignore')), 'Jellyfin does not look there');
    t.notMatch(first.err, server.token, 'the token is in no log');
    const ranges = server.countOf('/web-seed');
    const second = await home.run(['--once']);
    t.equal(second.code, 0);
    t.equal(server.countOf('/web-seed'), ranges);
    t.match(server.asked.at(-1)?.headers, { 'if-none-match': /.+/ }, 'and asks for the manifest by its tag');
  },
);

t.test('row 245: a folder of files, each with its own sha256', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  const episodes = [1, 2].map((number) => ({ path: `Season 1/e${number}.mkv`, bytes: bytesOf(300_000, `e${number}`) }));
  for (const { path, bytes } of episodes) server.share(`${hash('d')}/${path}`, bytes);
  const files = episodes.map(({ path, bytes }) => ({ path, size: bytes.length, sha256: sha256Of(bytes) }));
  const item = { title: 'Show', torrent: `magnet:?xt=urn:btih:${hash('d')}`, info_hash: hash('d'), path: 'Shows/Show', files };
  server.publish('family', [item]);
  const ran = await home.run(['--once']);
  t.equal(ran.code, 0, ran.err);
  t.same(home.seen(), ['Shows/Show/Season 1/e1.mkv', 'Shows/Show/Season 1/e2.mkv']);
  server.share(`${hash('d')}/Season 1/e2.mkv`, bytesOf(10, 'wrong'));
  server.publish('family', [
    {
      ...item,
      files: [files[0] ?? item.files[0], { path: 'Season 1/e2.mkv', size: 10, sha256: 'f'.repeat(64) }] as typeof files,
    },
  ]);
  const changed = await home.run(['--once']);
  t.equal(changed.code, 1);
  t.ok(
    home.read('Shows/Show/Season 1/e2.mkv')?.equals(episodes[1]?.bytes ?? Buffer.alloc(0)),
    'the good old file stays until a better one is there',
  );
});

t.test('rows 211, 212: wrong bytes never reach the library; they are set aside once, and left alone for a while', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [
    server.share(`${hash('e')}/e.mkv`, bytesOf(200_000, 'e'), { sha256: '0'.repeat(64) }),
    server.share(`${hash('f')}/f.mkv`, film),
  ]);
  const first = await home.run(['--once']);
  t.equal(first.code, 1);
  t.same(home.seen(), ['Films/f.mkv'], 'the other item is not held up');
  t.match(first.err, /the bytes were wrong: they lie in quarantine/);
  t.equal(readdirSync(join(home.library, '.headgate/quarantine')).length, 1);
  const ranges = server.countOf(`/web-seed/${hash('e')}`);
  const second = await home.run(['--once']);
  t.equal(second.code, 1, 'it is still missing');
  t.equal(server.countOf(`/web-seed/${hash('e')}`), ranges, 'and not fetched again');
});

t.test('a good file that lies there already is adopted; another one is replaced, and the old one is in the trash', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  home.write('Films/a.mkv', film);
  home.write('Films/b.mkv', 'something of the family');
  const b = bytesOf(23, 'b');
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, film), server.share(`${hash('b')}/b.mkv`, b)]);
  const ran = await home.run(['--once']);
  t.equal(ran.code, 0, ran.err);
  t.equal(server.countOf(`/web-seed/${hash('a')}`), 0);
  t.ok(home.read('Films/b.mkv')?.equals(b));
  const [trash = ''] = readdirSync(join(home.library, '.headgate/trash'));
  t.equal(home.read(`.headgate/trash/${trash}/Films/b.mkv`)?.toString(), 'something of the family');
});

t.test('row 211: a verified file is not read again while its size and time stand; a touched one is', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, film)]);
  t.equal((await home.run(['--once'])).code, 0);
  const file = join(home.library, 'Films/a.mkv');
  const { mtimeMs } = statSync(file);
  const quiet = await home.run(['--once']);
  t.notMatch(quiet.err, /verified|something else/);
  t.equal(statSync(file).mtimeMs, mtimeMs);
  const touched = Buffer.from(film);
  touched[10] = 7;
  writeFileSync(file, touched);
  const healed = await home.run(['--once']);
  t.equal(healed.code, 0, healed.err);
  t.match(healed.err, /something else/);
  t.ok(readFileSync(file).equals(film));
});

t.test('the same bytes at a new path are renamed, not fetched', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, film, { path: 'Old/name.mkv' })]);
  await home.run(['--once']);
  const ranges = server.countOf('/web-seed');
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, film, { path: 'New/place/name.mkv' })]);
  const ran = await home.run(['--once']);
  t.equal(ran.code, 0, ran.err);
  t.same(home.seen(), ['New/place/name.mkv']);
  t.notOk(existsSync(join(home.library, 'Old')), 'its empty folder is gone');
  t.equal(server.countOf('/web-seed'), ranges);
});

t.test('row 234: without room for it an item is skipped and told, the smaller one comes', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, film), server.share(`${hash('b')}/b.mkv`, bytesOf(1_000, 'b'))]);
  const { code, err } = await home.run(['--once'], { yaml: 'download: { min_free_gb: 0, quota_gb: 0.001 }\n' });
  t.equal(code, 1);
  t.match(err, /no room for it.*it needs 0\.01 GB, and of the quota of 0\.00 GB/);
  t.same(home.seen(), ['Films/b.mkv']);
  const full = await home.run(['--once'], { yaml: 'download: { min_free_gb: 999999 }\n' });
  t.match(full.err, /must stay/);
});

t.test('row 243: a link that leads out of the library, or a folder in the place of a file, is not touched', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  mkdirSync(join(home.folder, 'outside'));
  home.write('Films/kept.mkv', 'x');
  symlinkSync(join(home.folder, 'outside'), join(home.library, 'Out'));
  symlinkSync(join(home.folder, 'outside/target'), join(home.library, 'Films/link.mkv'));
  symlinkSync('nowhere', join(home.library, 'Gone'));
  symlinkSync('Films', join(home.library, 'Within'));
  mkdirSync(join(home.library, 'Films/folder.mkv'));
  const small = bytesOf(100, 's');
  const paths = ['Out/a.mkv', 'Films/link.mkv', 'Gone/a.mkv', 'Films/folder.mkv', 'Films/kept.mkv/a.mkv', 'Within/good.mkv'];
  server.publish(
    'family',
    paths.map((path, index) =>
      server.share(`${hash(String(index))}/s.mkv`, Buffer.concat([small, Buffer.from([index])]), { path }),
    ),
  );
  const { code, err } = await home.run(['--once']);
  t.equal(code, 1);
  t.same(readdirSync(join(home.folder, 'outside')), []);
  t.ok(home.read('Films/good.mkv'), err);
  t.equal(server.countOf('/web-seed'), 1, 'what could never be placed is not even fetched');
  t.equal(home.read('Films/kept.mkv')?.toString(), 'x');
  t.ok(statSync(join(home.library, 'Films/folder.mkv')).isDirectory());
});

t.test('one node for one library: a second is refused, and what a dead one left does not stand in the way', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, bytesOf(1_000))]);
  await using node = home.start();
  await until('the film', () => home.seen().length === 1);
  t.match(await home.run(['--once']), { code: 1, err: /another node \(process \d+\) works on this library/ });
  t.equal((await home.run(['--dry-run'])).code, 0);
  await node.stop('SIGKILL');
  t.equal((await home.run(['--once'])).code, 0);
  t.notOk(existsSync(join(home.library, '.headgate/state/lock')));
});

t.test('what is not wanted any more leaves nothing in staging', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, film)]);
  server.bytesPerSecond = 1_000_000;
  await using node = home.start();
  const staging = join(home.library, '.headgate/staging');
  await until('bytes', () => existsSync(staging) && readdirSync(staging).length > 0);
  await node.stop('SIGKILL');
  server.bytesPerSecond = null;
  server.publish('family', []);
  t.equal((await home.run(['--once'])).code, 0);
  t.same(readdirSync(staging), []);
});

t.test('a kill just behind the record of an item leaves nothing in staging either', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  const item = server.share(`${hash('a')}/a.mkv`, bytesOf(1_000));
  server.publish('family', [item]);
  t.equal((await home.run(['--once'])).code, 0);
  const { key } = wantedItem('family', item, { tags: [], paths: [], except: [] });
  home.write(`.headgate/staging/${key}/f0`, 'left behind');
  t.equal((await home.run(['--once'])).code, 0);
  t.same(readdirSync(join(home.library, '.headgate/staging')), []);
  t.same(home.seen(), ['Films/a.mkv']);
});

t.test('mode of files and folders as configured', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, bytesOf(1_000), { path: 'New/Folder/a.mkv' })]);
  t.equal((await home.run(['--once'], { yaml: "files: { mode: '0640', folder_mode: '0750' }\n" })).code, 0);
  t.equal(statSync(join(home.library, 'New/Folder/a.mkv')).mode & 0o777, 0o640);
  t.equal(statSync(join(home.library, 'New/Folder')).mode & 0o777, 0o750);
});
