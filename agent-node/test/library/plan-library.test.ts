// Plans: what is kept, read, fetched, renamed, left, thrown away, or waits for a person.
import t from 'tap';
import type { PlacedFile } from '../../src/library/node-state.ts';
import { type LibrarySnapshot, planLibrary } from '../../src/library/plan-library.ts';
import { type WantedItem, wantedItem } from '../../src/library/wanted.ts';

const select = { tags: [], paths: [], except: [] };
const sha = (letter: string): string => letter.repeat(64);
const wanted = (path: string, sha256: string | undefined = sha('a'), size: number | undefined = 10, more = {}): WantedItem =>
  wantedItem(
    'family',
    {
      title: path,
      torrent: `magnet:?xt=urn:btih:${'a'.repeat(40)}`,
      path,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(size === undefined ? {} : { size }),
      ...more,
    },
    select,
  );
const placed = (path: string, change: Partial<PlacedFile> = {}): PlacedFile => ({
  ...{ path, size: 10, mtimeMs: 1, sha256: sha('a'), group: 'family', item: path, infoHash: null, leavingSinceMs: null },
  ...change,
});
const disk = (...paths: readonly string[]) => new Map(paths.map((path) => [path, { size: 10, mtimeMs: 1 }]));
const plan = (change: Partial<LibrarySnapshot>) =>
  planLibrary({
    wanted: [],
    versions: new Map([['family', 3]]),
    placed: [],
    disk: new Map(),
    confirmed: {},
    nowMs: 1_000,
    graceMs: 500,
    ...change,
  });
const paths = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path);

t.test(
  'row 211: what was placed and nobody touched is kept unread; touched or unknown files are read, others fetched',
  async (t) => {
    const items = ['kept', 'touched', 'unknown', 'missing', 'larger', 'renewed'].map((path) => wanted(path));
    const found = new Map([
      ...disk('kept', 'unknown', 'renewed'),
      ['touched', { size: 10, mtimeMs: 2 }],
      ['larger', { size: 11, mtimeMs: 1 }],
    ]);
    const known = [placed('kept'), placed('touched'), placed('renewed', { sha256: sha('b') })];
    const result = plan({ wanted: items, placed: known, disk: found });
    const of = (kind: 'have' | 'look' | 'get') => result.items.flatMap((one) => paths(one[kind]));
    t.same(of('have'), ['kept']);
    t.same(of('look'), ['touched', 'unknown']);
    t.same(of('get'), ['missing', 'larger', 'renewed']);
  },
);

t.test('without a sha256 the place alone says it: a placed file is kept, a foreign one is fetched anew', async (t) => {
  const result = plan({
    wanted: [wanted('a', sha('a'), 10, { sha256: undefined }), wanted('b', sha('a'), 10, { sha256: undefined })],
    placed: [placed('a', { sha256: null })],
    disk: disk('a', 'b'),
  });
  t.same(
    result.items.map(({ have, look, get }) => [have.length, look.length, get.length]),
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
  );
});

t.test('the same bytes at a new path are a rename, each file once, and no removal', async (t) => {
  const result = plan({ wanted: [wanted('new'), wanted('newer')], placed: [placed('old')], disk: disk('old') });
  t.same(
    result.renames.map(({ from, to }) => [from.path, to.path]),
    [['old', 'new']],
  );
  t.same(
    result.items.flatMap(({ get }) => paths(get)),
    ['newer'],
  );
  t.same([result.leave, result.trash, result.waiting], [[], [], []]);
  t.equal(
    plan({ wanted: [wanted('new')], placed: [placed('old')], disk: new Map([['old', { size: 10, mtimeMs: 9 }]]) }).renames.length,
    0,
    'not one that was touched',
  );
});

t.test(
  'up to a fifth of a group leaves, stays for the grace period, then goes to the trash; shared again it stays',
  async (t) => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const known = names.map((path) => placed(path));
    const left = plan({ wanted: names.slice(1).map((path) => wanted(path)), placed: known, disk: disk(...names) });
    t.same([paths(left.leave), left.trash, left.waiting], [['a'], [], []]);
    const leaving = [placed('a', { leavingSinceMs: 600 }), ...known.slice(1)];
    const rest = { wanted: names.slice(1).map((path) => wanted(path)), placed: leaving, disk: disk(...names) };
    t.same(plan({ ...rest, nowMs: 1_099 }).trash, []);
    t.same(paths(plan({ ...rest, nowMs: 1_100 }).trash), ['a']);
    t.match(plan({ ...rest, wanted: names.map((path) => wanted(path)) }).claim, [{ path: 'a', leavingSinceMs: null }]);
  },
);

t.test('more than a fifth, or all, waits for a word of a person about that very version', async (t) => {
  const names = ['a', 'b', 'c', 'd'];
  const snapshot = {
    wanted: [wanted('a'), wanted('b'), wanted('c')],
    placed: names.map((path) => placed(path)),
    disk: disk(...names),
  };
  t.match(plan(snapshot), { leave: [], trash: [], waiting: [{ group: 'family', dropped: 1, of: 4, version: 3 }] });
  t.equal(plan({ ...snapshot, wanted: [] }).waiting[0]?.dropped, 4);
  t.same(plan({ ...snapshot, confirmed: { family: 2 } }).leave, []);
  t.same(paths(plan({ ...snapshot, confirmed: { family: 3 } }).leave), ['d']);
  t.same(plan({ ...snapshot, wanted: [], versions: new Map() }).waiting, [], 'a manifest that we do not have drops nothing');
});

t.test('nothing that we did not place is ever taken away; what a person deleted is forgotten or fetched again', async (t) => {
  const result = plan({
    wanted: [wanted('gone')],
    placed: [placed('gone'), placed('unshared', { leavingSinceMs: 1 })],
    disk: disk('foreign'),
  });
  t.same(paths(result.forget), ['unshared']);
  t.same(
    result.items.flatMap(({ get }) => paths(get)),
    ['gone'],
  );
  t.same([result.trash, result.leave], [[], []]);
});

t.test('what is not selected is not fetched, and stays where it is there', async (t) => {
  const pick = (item: Partial<WantedItem>): WantedItem => ({ ...wanted('a'), ...item });
  const result = plan({ wanted: [pick({ skip: 'not selected' })], placed: [placed('a')], disk: disk('a') });
  t.same([result.items[0]?.have.length, result.leave, result.trash], [1, [], []]);
  t.same(plan({ wanted: [pick({ skip: 'not selected' })] }).items[0]?.get, []);
});

t.test('selection by tag, path and size; info hashes of magnets and of our own links', async (t) => {
  const item = {
    title: 'T',
    torrent: `magnet:?xt=urn:btih:${'A'.repeat(32)}&dn=x`,
    path: 'Films/a.mkv',
    size: 3_000_000_000,
    tags: ['kids'],
  };
  const skip = (change: object) => wantedItem('family', item, { ...select, ...change }).skip;
  t.equal(skip({}), null);
  t.equal(skip({ tags: ['kids', 'x'], paths: ['Films/**'], except: ['**/*.iso'], max_size_gb: 3 }), null);
  t.match(skip({ tags: ['adults'] }), /tags/);
  t.match(skip({ paths: ['Shows/**'] }), /path/);
  t.match(skip({ except: ['**/*.mkv'] }), /left out/);
  t.match(skip({ max_size_gb: 2.9 }), /3\.0 GB are more than 2\.9/);
  t.equal(wantedItem('family', item, select).infoHash, '0'.repeat(40));
  t.equal(
    wantedItem('family', { ...item, torrent: `https://h/torrent/${'c'.repeat(40)}.torrent` }, select).infoHash,
    'c'.repeat(40),
  );
  t.equal(wantedItem('family', { ...item, torrent: 'https://h/x.torrent' }, select).infoHash, null);
});
