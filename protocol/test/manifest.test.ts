// A path or a source in a manifest cannot lead a node astray.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as z from 'zod/mini';
import { manifestItem, nodeAssignment, relativePath } from '../src/index.ts';

const assignment = nodeAssignment.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'golden/nodeAssignment.json'), 'utf8')),
);
const [item] = assignment.items;

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

t.test('bytes come from http and from a magnet link of the same torrent only', async (t) => {
  t.ok(manifestItem.safeParse(item).success);
  const sources = item?.sources;
  const bad = [
    { torrent_url: 'file:///etc/passwd' },
    { torrent_url: '/etc/passwd' },
    { web_seeds: ['ftp://192.168.1.5/'] },
    { magnet: 'magnet:?xt=urn:btih:0000000000000000000000000000000000000000' },
    { magnet: 'Magnet:x' },
    { magnet: null, torrent_url: null },
  ];
  for (const change of bad)
    t.notOk(manifestItem.safeParse({ ...item, sources: { ...sources, ...change } }).success, JSON.stringify(change));
});

t.test('a set names each item and each file once', async (t) => {
  const twice = (change: object) => nodeAssignment.safeParse({ ...assignment, items: [item, { ...item, ...change }] });
  t.match(twice({ files: [{ path: 'other.mkv', size: 1, sha256: null }] }).error?.issues, [
    { message: 'an id stands there twice' },
  ]);
  t.match(twice({ id: 'film-2' }).error?.issues, [{ message: 'a path stands there twice' }]);
  t.ok(twice({ id: 'film-2', files: [{ path: 'other.mkv', size: 1, sha256: null }] }).success);
});
