// A path or a source in a manifest cannot lead a node astray.
import t from 'tap';
import * as z from 'zod/mini';
import { groupManifest, manifestItem, relativePath, signedText } from '../src/index.ts';

t.test('a file goes below the library, whatever its name', async (t) => {
  const good = [
    'a',
    'Film (2019)/Film (2019).mkv',
    'Filme/Ärger im Büro/S01E01 – Teil?.mkv',
    'a.b/c..d',
    'console/comic.txt',
    'x/(con)',
  ];
  for (const path of good) t.ok(z.safeParse(relativePath, path).success, path);
  const bad = [
    '',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a/..',
    '.',
    './a',
    'a//b',
    'a/',
    '.bashrc',
    'a/.ssh/x',
    'a\\..\\b',
    'a\0b',
    'a\nb',
    'C:/x',
  ];
  const worse = ['a./b', 'a /b', 'CON', 'a/nul.txt', 'Com1', `${'ä'.repeat(128)}.mkv`, `${'a/'.repeat(501)}b`];
  for (const path of [...bad, ...worse]) t.notOk(z.safeParse(relativePath, path).success, JSON.stringify(path));
});

const HASH = '9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c';
const film = {
  title: 'A Film (2019)',
  torrent: `magnet:?xt=urn:btih:${HASH}&dn=A%20Film`,
  path: 'Films/A Film (2019)/A Film (2019).mkv',
  sha256: '0123456789abcdef'.repeat(4),
  size: 4_294_967_296,
  info_hash: HASH,
};
const family = { group: 'family', version: 12, issued_at: '2026-11-21T06:45:00.000Z', items: [film] };

t.test('rows 240–244: the seed’s manifests are read, which have less', async (t) => {
  const { title, torrent, path, sha256 } = film;
  for (const items of [[{ title, torrent, path }], [{ title, torrent, path, sha256 }], []])
    t.same(groupManifest.parse({ group: 'family', items }), { group: 'family', items });
  t.ok(groupManifest.safeParse(family).success);
  for (const missing of ['title', 'torrent', 'path'] as const) {
    const { [missing]: _gone, ...rest } = film;
    t.match(groupManifest.safeParse({ ...family, items: [rest] }).error?.issues, [{ path: ['items', 0, missing] }]);
  }
});

t.test('bytes come from http and from a magnet link of the same torrent only', async (t) => {
  const bad = [
    'file:///etc/passwd',
    '/etc/passwd',
    'ftp://192.168.1.5/x.torrent',
    'Magnet:x',
    `magnet:?xt=urn:btih:${'0'.repeat(40)}`,
  ];
  for (const torrent of bad) t.notOk(manifestItem.safeParse({ ...film, torrent }).success, torrent);
  t.ok(manifestItem.safeParse({ ...film, torrent: 'https://home.example/film.torrent' }).success);
});

t.test('a group names each path once, also where only the case differs', async (t) => {
  const twice = (path: string) => groupManifest.safeParse({ ...family, items: [film, { ...film, path }] });
  t.match(twice(film.path.toUpperCase()).error?.issues, [{ message: 'a path stands there twice' }]);
  t.ok(twice('other.mkv').success);
  const accents = groupManifest.safeParse({
    ...family,
    items: ['Amélie.mkv', 'Ame\u0301lie.mkv'].map((path) => ({ ...film, path })),
  });
  t.match(accents.error?.issues, [{ message: 'a path stands there twice' }]);
  const file = { path: 'E01.mkv', size: 1, sha256: film.sha256 };
  t.ok(manifestItem.safeParse({ ...film, files: [file] }).success);
  t.notOk(manifestItem.safeParse({ ...film, files: [file, { ...file, path: 'e01.MKV' }] }).success);
  t.notOk(manifestItem.safeParse({ ...film, files: [{ ...file, path: '../E01.mkv' }] }).success);
});

t.test('a signature is of all but itself, whatever the order, also of what a later version adds', async (t) => {
  const text = signedText({ b: [1, { z: null, a: 'ä"' }], a: { y: 1.5, x: true }, signature: { value: 'x' } });
  t.equal(text, '{"a":{"x":true,"y":1.5},"b":[1,{"a":"ä\\"","z":null}]}');
  t.equal(signedText({ group: 'x', later: 1 }), '{"group":"x","later":1}');
  t.equal(signedText(JSON.parse(JSON.stringify(family))), signedText(family));
});
