// One read: sha256 of each file, SHA-1 of each piece, and nothing that should not be shared.
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBencode } from '@headgate/protocol/bencode';
import t from 'tap';
import { hashFiles } from '../../src/torrent/hash-files.ts';
import { readTorrent } from '../../src/torrent/read-torrent.ts';
import { engineHome } from './engine-home.ts';

const never = new AbortController().signal;
const hash = (path: string, announce: readonly string[] = []) => hashFiles(path, { announce }, () => {}, never);
const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

t.test(
  'row 245: a folder has a hash for each file, its pieces go over the borders of files, and everybody comes to the same',
  async (t) => {
    const home = engineHome(t);
    const [a, b] = [home.file('Show/a.mkv', 300_000), home.file('Show/b/c.mkv', 400_000)];
    home.file('Show/.DS_Store', 5);
    const { infoHash, torrent, files, size } = await hash(join(home.folder, 'Show'));
    t.same(files, [
      { path: 'a.mkv', size: 300_000, sha256: digest('sha256', a) },
      { path: 'b/c.mkv', size: 400_000, sha256: digest('sha256', b) },
    ]);
    t.equal(size, 700_000);
    const metainfo = readTorrent(torrent);
    if (typeof metainfo === 'string') throw new Error(metainfo);
    t.equal(digest('sha1', metainfo.infoBytes), infoHash);
    t.same(metainfo.sizes, [300_000, 400_000]);
    const all = Buffer.concat([a, b]);
    const pieces = [0, 262_144, 524_288].map((from) =>
      createHash('sha1')
        .update(all.subarray(from, from + 262_144))
        .digest(),
    );
    t.ok(Buffer.from(metainfo.pieces).equals(Buffer.concat(pieces)));
    t.equal((await hash(join(home.folder, 'Show'))).infoHash, infoHash);
  },
);

t.test('it is private, and names no tracker but those that were handed in', async (t) => {
  const home = engineHome(t);
  home.file('film.mkv', 10);
  const bare = decodeBencode((await hash(join(home.folder, 'film.mkv'))).torrent) as Record<string, unknown>;
  t.same(Object.keys(bare).sort(), ['created by', 'info']);
  t.match(bare['info'], { private: 1, length: 10 });
  const own = await hash(join(home.folder, 'film.mkv'), ['http://192.0.2.1/announce/key']);
  t.match(
    Buffer.from(own.torrent).toString('latin1'),
    /^d8:announce29:http:\/\/192\.0\.2\.1\/announce\/key13:announce-listll29:http/,
  );
});

t.test('what cannot be shared is refused by name', async (t) => {
  const home = engineHome(t);
  const at = (path: string) => join(home.folder, path);
  home.file('links/film.mkv', 10);
  symlinkSync('/etc/passwd', at('links/passwd'));
  mkdirSync(at('empty'));
  home.file('named/CON', 1);
  writeFileSync(at('nothing'), '');
  for (const [path, fault] of [
    ['links', /"passwd" is no file/],
    ['links/passwd', /"passwd" is no file/],
    ['empty', /nothing in "empty"/],
    ['nothing', /nothing in "nothing"/],
    ['named', /"CON" is a name that not every disk can have/],
  ] as const)
    await t.rejects(hash(at(path)), { name: 'EngineError', code: 'input_invalid', message: fault }, path);
  await t.rejects(hash(at('gone')), { code: 'not_readable', message: /"gone" cannot be read/ });
});

t.test('a file that changes meanwhile is not shared, and a job that is cancelled ends', async (t) => {
  const home = engineHome(t);
  home.file('film.mkv', 4_000_000);
  const path = join(home.folder, 'film.mkv');
  const grown = hashFiles(path, { announce: [] }, (bytes) => bytes > 2_000_000 && writeFileSync(path, 'x'), never);
  await t.rejects(grown, { code: 'not_readable', message: /"film\.mkv" changed while it was read/ });
  home.file('film.mkv', 4_000_000);
  const job = new AbortController();
  const seen: number[] = [];
  const stopAtOnce = (bytes: number) => {
    seen.push(bytes);
    job.abort();
  };
  const cancelled = hashFiles(path, { announce: [] }, stopAtOnce, job.signal);
  await t.rejects(cancelled, { name: 'AbortError' });
  t.equal(seen.length, 1);
});
