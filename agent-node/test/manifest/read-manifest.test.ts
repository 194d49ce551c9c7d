// Manifests as they are: ours, the seed's, and hostile ones.
import t from 'tap';
import { manifestSources } from '../../src/manifest/manifest-source.ts';
import { readManifest } from '../../src/manifest/read-manifest.ts';

const item = (path: string, more = {}) => ({ title: 'T', torrent: `magnet:?xt=urn:btih:${'b'.repeat(40)}`, path, ...more });
const read = (items: unknown[], asked: string | null = 'family') =>
  readManifest(JSON.stringify({ group: 'family', items }), asked);

t.test("row 240, 242: the seed's manifest is read: no version, no signature, magnets with public trackers", async (t) => {
  const { items, version, signature } = read([
    {
      title: 'Film',
      torrent: 'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&tr=udp%3A%2F%2Ftracker.opentrackr.org%3A1337',
      path: 'Film.mkv',
      sha256: 'a'.repeat(64),
    },
    { title: 'Other', torrent: 'https://example.org/other.torrent', path: 'Other/other.mkv' },
  ]);
  t.same(
    items.map(({ path }) => path),
    ['Film.mkv', 'Other/other.mkv'],
  );
  t.same([version, signature], [null, null]);
});

t.test('row 243: hostile paths and torrents are refused one by one, and the good item stays', async (t) => {
  const paths = [
    '../outside.mkv',
    'a/../../b.mkv',
    '/etc/passwd',
    'C:/x.mkv',
    'a\\b.mkv',
    '.hidden/x.mkv',
    'a/.ssh/x',
    'a//b.mkv',
    'a/b.mkv/',
    '',
    'x\u0000.mkv',
    'x\n.mkv',
    'con.mkv',
    'a/NUL',
    'name. ',
    'name.',
    '.headgate/state/state.json',
    'a/./b',
    'ü'.repeat(200),
    `${'a/'.repeat(600)}b`,
    '..',
  ];
  const torrents = ['file:///etc/passwd', '/etc/passwd', 'ftp://x/y', 'javascript:1', 'magnet:', '', 'http://a b'];
  const { items, refused } = read([
    ...paths.map((path) => item(path)),
    ...torrents.map((torrent) => item('x.mkv', { torrent })),
    null,
    7,
    'x',
    [],
    {},
    item('y.mkv', { sha256: 'xyz' }),
    item('y.mkv', { size: -1 }),
    item('y.mkv', { files: [{ path: '../z', size: 1, sha256: 'a'.repeat(64) }] }),
    item('y.mkv', { info_hash: 'c'.repeat(40) }),
    item('Good/good.mkv'),
  ]);
  t.same(
    items.map(({ path }) => path),
    ['Good/good.mkv'],
  );
  t.equal(refused.length, paths.length + torrents.length + 9);
  t.match(refused[0], /^items\.0\.path: /);
});

t.test('two items at one place, in any letters, or one inside the other: the first stands', async (t) => {
  const { items, refused } = read([
    item('Films/A.mkv'),
    item('films/a.MKV'),
    item('Films/A.mkv/b.mkv'),
    item('Show', { files: [{ path: 'S1/e1.mkv', size: 1, sha256: 'a'.repeat(64) }] }),
    item('Show/S1/e1.mkv'),
    item('Show/S1/e2.mkv'),
  ]);
  t.same(
    items.map(({ path }) => path),
    ['Films/A.mkv', 'Show', 'Show/S1/e2.mkv'],
  );
  t.equal(refused.length, 3);
});

for (const [what, text, problem] of [
  ['no JSON', '"not a manifest', /not JSON/],
  ['the text that the seed took', '"not a manifest"', /manifest's/],
  ['no list', '{"group":"family","items":{}}', /items/],
  ['another group', '{"group":"other","items":[]}', /of other, not of family/],
  ['a group that is a path', '{"group":"../x","items":[]}', /group/],
  ['too many items', JSON.stringify({ group: 'family', items: Array(2001).fill(0) }), /items/],
  ['a version that is none', '{"group":"family","version":0,"items":[]}', /version/],
] as const)
  t.test(`${what} is told`, async (t) => {
    t.throws(() => readManifest(text, 'family'), { code: 'bad_answer', message: problem });
  });

t.test('row 229: groups of one host, a whole URL, several of them', async (t) => {
  const of = (url: string[], groups: string[] = []) =>
    manifestSources({ url, groups, token: 'tk' }).map((one) => [one.group, one.url, one.token]);
  t.same(of(['https://h:8/x/family.json?a=1']), [['family', 'https://h:8/x/family.json?a=1', 'tk']]);
  t.same(of(['https://h', 'https://u:own@i/manifest'], ['a', 'b']), [
    ['a', 'https://h/manifest/a.json', 'tk'],
    ['b', 'https://h/manifest/b.json', 'tk'],
    ['a', 'https://i/manifest/a.json', 'own'],
    ['b', 'https://i/manifest/b.json', 'own'],
  ]);
  t.same(of(['http://h/manifest/family.json'], ['kids']), [['kids', 'http://h/manifest/kids.json', 'tk']]);
  t.same(of(['http://h/list']), [[null, 'http://h/list', 'tk']]);
});
