// Lists of three servers, changed at random: all agree in the end, and nothing is lost that nobody took out.
import t from 'tap';
import {
  type AgreedList,
  afterCutOff,
  meetList,
  mergeList,
  newList,
  renameEntries,
  type SeenList,
  wantedThere,
} from '../../../src/sync/playlists/merge-lists.ts';
import { broughtThere, withTheirs } from '../../../src/sync/playlists/mirror-list.ts';

/** Of each server every item has an id of its own. */
const list = (server: string, items: string, name = 'Friday'): SeenList => ({
  name,
  entries: [...items].map((item) => ({ identity: item, itemId: `${server}-${item}` })),
});
const at = (ms: number, origin = 'attic') => ({ ms, count: 0, origin });
const text = ({ entries }: { readonly entries: readonly { readonly identity: string }[] }): string =>
  entries.map(({ identity }) => identity).join('');
const agreedOn = (items: string): AgreedList => ({ ...newList(list('attic', items), at(1)), orderOf: null });

type Edit = readonly [server: string, before: string, after: string];
/** What is agreed after what was done on several servers since all had the same. */
const after = (items: string, edits: readonly Edit[], gone = ''): AgreedList =>
  edits.reduce(
    (agreed, [server, before, now], index) =>
      mergeList(agreed, {
        ...{ base: list(server, before), now: list(server, now), ms: 10 + index, origin: server },
        isGone: (itemId) => gone.includes(itemId.slice(-1)),
      }).agreed,
    agreedOn(items),
  );

t.test('what was done on one server is agreed as it is there', (t) => {
  for (const [before, now] of [
    ['abc', 'abcd'],
    ['abc', 'dabc'],
    ['abc', 'ac'],
    ['abcd', 'dabc'],
    ['abcd', 'dcba'],
    ['abc', 'axbyc'],
    ['', 'abc'],
    ['abc', ''],
    ['aab', 'aba'],
    ['aab', 'ab'],
    ['ab', 'aab'],
    ['abcdef', 'fxbdya'],
  ] as const)
    t.equal(text(after(before, [['attic', before, now]])), now, `${before} -> ${now}`);
  t.end();
});

t.test('what was done on two servers holds both', (t) => {
  const cases: readonly (readonly [string, Edit, Edit, string])[] = [
    ['abc', ['attic', 'abc', 'abcx'], ['barn', 'abc', 'abcy'], 'abcxy'],
    ['abc', ['attic', 'abc', 'ac'], ['barn', 'abc', 'abcy'], 'acy'],
    ['abcd', ['attic', 'abcd', 'dabc'], ['barn', 'abcd', 'abd'], 'dab'],
    ['abcd', ['attic', 'abcd', 'bcda'], ['barn', 'abcd', 'axbcd'], 'bcdax'],
    ['abc', ['attic', 'abc', 'abcx'], ['barn', 'abc', 'abcx'], 'abcx'],
  ];
  for (const [before, one, other, wanted] of cases) t.equal(text(after(before, [one, other])), wanted, `${one} and ${other}`);
  t.end();
});

t.test('of two who move the same entry, the later one holds; who takes it out wins over who moves it', (t) => {
  t.equal(
    text(
      after('abcd', [
        ['attic', 'abcd', 'bacd'],
        ['barn', 'abcd', 'bcda'],
      ]),
    ),
    'bcda',
  );
  t.equal(
    text(
      after('abcd', [
        ['attic', 'abcd', 'bcda'],
        ['barn', 'abcd', 'bcd'],
      ]),
    ),
    'bcd',
  );
  t.equal(
    text(
      after('abcd', [
        ['attic', 'abcd', 'bcd'],
        ['barn', 'abcd', 'bcda'],
      ]),
    ),
    'bcd',
  );
  t.end();
});

t.test('renamed there and changed here: both hold', (t) => {
  const renamed = mergeList(after('ab', [['attic', 'ab', 'abc']]), {
    ...{ base: list('barn', 'ab'), now: list('barn', 'ab', 'Saturday'), isGone: () => false, ms: 20, origin: 'barn' },
  });
  t.equal(text(renamed.agreed), 'abc');
  t.same(renamed.agreed.name, { value: 'Saturday', at: { ms: 20, count: 0, origin: 'barn' } });
  t.same(renamed.change, { renamed: true, added: 0, removed: 0, moved: 0 });
  t.end();
});

t.test('what a server lacks is a hole: its place stays, and is filled where it comes back', (t) => {
  const agreed = after('abcd', [['barn', 'abcd', 'acd']], 'b');
  t.equal(text(agreed), 'abcd', 'the film is gone there, nobody took it out');
  const moved = mergeList(agreed, {
    ...{ base: list('barn', 'acd'), now: list('barn', 'dacx'), isGone: () => false, ms: 20, origin: 'barn' },
  }).agreed;
  t.equal(text(moved), 'dabcx');
  const there = (identity: string) => (identity === 'b' ? [] : [`barn-${identity}`]);
  t.equal(text(wantedThere(moved, list('barn', 'dacx'), there)), 'dacx');
  t.equal(text(wantedThere(moved, list('barn', 'dacx'), (identity) => [`barn-${identity}`])), 'dabcx');
  t.equal(text(after('aab', [['barn', 'aab', 'b']], 'a')), 'aab', 'also where it stands twice');
  t.end();
});

t.test('nothing that was done changes nothing: the same object, so that no time of it does either', (t) => {
  const agreed = agreedOn('abc');
  const seen = { base: list('barn', 'abc'), now: list('barn', 'abc'), isGone: () => false, ms: 50, origin: 'barn' };
  t.equal(mergeList(agreed, seen).agreed, agreed);
  t.equal(mergeList(agreed, { ...seen, base: list('barn', 'ab') }).agreed, agreed, 'an echo of what is agreed');
  t.end();
});

t.test('a list that was deleted on one server and changed on another is there again', (t) => {
  const deleted: AgreedList = { ...agreedOn('abc'), deletedAt: at(5, 'barn') };
  const seen = { base: list('cabin', 'abc'), isGone: () => false, ms: 50, origin: 'cabin' };
  t.equal(mergeList(deleted, { ...seen, now: list('cabin', 'abc') }).agreed, deleted, 'unchanged: it stays deleted');
  for (const now of [list('cabin', 'abcd'), list('cabin', 'bac'), list('cabin', 'abc', 'Saturday')]) {
    const { agreed } = mergeList(deleted, { ...seen, now });
    t.equal(agreed.deletedAt, null);
    t.equal(text(agreed), text(now));
    t.equal(agreed.name.value, now.name);
  }
  t.end();
});

t.test('lists that meet for the first time have all of both, in the order of the server whose name comes first', (t) => {
  const attic = newList(list('attic', 'abcd'), at(1, 'attic'));
  t.equal(text(meetList(attic, list('barn', 'dxay'), 9, 'barn').agreed), 'abcdxy');
  t.equal(text(meetList(newList(list('barn', 'dxay'), at(1, 'barn')), list('attic', 'abcd'), 9, 'attic').agreed), 'abcdxy');
  const changed: AgreedList = { ...newList(list('barn', 'dxay'), at(1, 'barn')), orderOf: null };
  t.equal(text(meetList(changed, list('attic', 'abcd'), 9, 'attic').agreed), 'dxabcy', 'what somebody ordered stays so');
  t.equal(meetList(attic, list('barn', 'abcd'), 9, 'barn').agreed, attic);
  t.equal(meetList(attic, list('barn', 'dxay'), 9, 'barn').change.added, 2);
  t.end();
});

t.test('cut off while writing, what is missing was taken out by nobody, and what is there by others counts', (t) => {
  const now = list('barn', 'ax');
  const base = afterCutOff(list('barn', 'abc'), list('barn', 'acb'), now);
  t.equal(text(base), 'a');
  const { agreed } = mergeList(agreedOn('acb'), { base, now, isGone: () => false, ms: 9, origin: 'barn' });
  t.equal(text(agreed), 'acbx');
  const renamed = afterCutOff(list('barn', 'a'), list('barn', 'a', 'Saturday'), list('barn', 'a', 'Saturday'));
  t.equal(renamed.name, 'Saturday', 'that was us');
  t.end();
});

t.test(
  'a server that is only written to keeps what is only there, and loses what was brought and is not agreed any more',
  (t) => {
    const there = { base: list('barn', 'abc'), now: list('barn', 'axbc') };
    t.equal(text(withTheirs(agreedOn('acd'), there)), 'axcd');
    t.equal(text(broughtThere(agreedOn('acd'), there)), 'abc');
    t.end();
  },
);

t.test('items that turn out to be one stand once', (t) => {
  const entries = agreedOn('abcb').entries;
  t.equal(text({ entries: renameEntries(entries, (name) => (name === 'c' ? 'b' : name)) }), 'abb');
  t.equal(
    renameEntries(entries, (name) => name),
    entries,
  );
  t.end();
});

type Server = { readonly name: string; seen: SeenList | null; has: SeenList; lacks: Set<string> };

/** Numbers below `limit`, the same for each seed (mulberry32). */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** As `visitList` and `bringList` do it, without a server; `half`: cut off in the middle of writing. */
function meet(agreed: AgreedList, server: Server, ms: number, half: boolean): AgreedList {
  const isGone = (itemId: string): boolean => server.lacks.has(itemId.slice(-1));
  const now = server.has;
  const merged =
    server.seen === null
      ? meetList(agreed, now, ms, server.name)
      : mergeList(agreed, { base: server.seen, now, isGone, ms, origin: server.name });
  const wanted = wantedThere(merged.agreed, now, (identity) =>
    server.lacks.has(identity) ? [] : [`${server.name}-${identity}`],
  );
  server.has = half ? { ...now, entries: now.entries.slice(0, now.entries.length >> 1) } : wanted;
  server.seen = half ? afterCutOff(now, wanted, server.has) : wanted;
  return merged.agreed;
}

const LETTERS = 'abcdefghijklmnop';

t.test('three servers, edited at random, agree in the end, and lose nothing that nobody took out', (t) => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const pick = random(seed);
    const servers: Server[] = ['attic', 'barn', 'cabin'].map((name) => ({
      name,
      seen: null,
      has: list(name, ''),
      lacks: new Set<string>(),
    }));
    const added = new Map<string, number>();
    const taken = new Map<string, number>();
    const count = (map: Map<string, number>, item: string): void => void map.set(item, (map.get(item) ?? 0) + 1);
    let agreed: AgreedList = newList(list('attic', ''), at(0));
    for (let step = 1; step <= 60; step += 1) {
      const server = servers[pick(3)] as Server;
      const entries = [...server.has.entries];
      const index = pick(entries.length + 1);
      const entry = entries[index];
      const letter = LETTERS[pick(LETTERS.length)] ?? 'a';
      const what = pick(10);
      if (what < 3 && !server.lacks.has(letter)) {
        entries.splice(index, 0, { identity: letter, itemId: `${server.name}-${letter}` });
        count(added, letter);
      } else if (what === 3 && entry !== undefined) {
        entries.splice(index, 1);
        count(taken, entry.identity);
      } else if (what === 4 && entry !== undefined) entries.splice(pick(entries.length), 0, ...entries.splice(index, 1));
      else if (what === 5) server.has = { ...server.has, name: `Name ${step}` };
      if (what < 5) server.has = { ...server.has, entries };
      // The library loses a film, and its lists with it; or finds it again.
      if (what === 6) {
        // Gone and back between two looks, it looks taken out: a server that forgets it has forgotten why.
        if (server.seen?.entries.some(({ identity }) => identity === letter) && server.lacks.has(letter)) continue;
        if (server.lacks.delete(letter)) continue;
        // What nobody ever saw cannot be missed.
        if (server.has.entries.some(({ identity }) => identity === letter)) agreed = meet(agreed, server, step, false);
        server.lacks.add(letter);
        server.has = { ...server.has, entries: server.has.entries.filter(({ identity }) => identity !== letter) };
      }
      if (what > 6) agreed = meet(agreed, server, step, what === 9);
    }
    // All the films are found again; three rounds without anything happening are more than enough.
    for (const server of servers) agreed = meet(agreed, server, 100, false);
    for (const server of servers) server.lacks.clear();
    for (let round = 0; round < 3; round += 1) for (const server of servers) agreed = meet(agreed, server, 1_000 + round, false);
    const last = agreed;
    for (const server of servers) agreed = meet(agreed, server, 2_000, false);
    t.equal(agreed, last, `seed ${seed}: nothing is left to be said`);
    for (const { name, has } of servers) {
      if (text(has) !== text(agreed) || has.name !== agreed.name.value)
        t.fail(`seed ${seed}: ${name} has ${text(has)}, not ${text(agreed)}`);
    }
    for (const [item] of added)
      if (!taken.has(item) && !text(agreed).includes(item)) t.fail(`seed ${seed}: ${item} was lost of ${text(agreed)}`);
    for (const { identity } of agreed.entries) if (!added.has(identity)) t.fail(`seed ${seed}: ${identity} came from nowhere`);
  }
  t.end();
});

t.test('holes keep their places: what a server never had stands where it was put', (t) => {
  const agreed = agreedOn('abHcd');
  const lacking: Server = { name: 'barn', seen: list('barn', 'abcd'), has: list('barn', 'abcd'), lacks: new Set(['H']) };
  let now = agreed;
  const edit = (items: string): void => {
    lacking.has = list('barn', items);
    now = meet(now, lacking, 10, false);
  };
  edit('abcde');
  t.equal(text(now), 'abHcde');
  edit('xabcde');
  t.equal(text(now), 'xabHcde');
  edit('xabde');
  t.equal(text(now), 'xabHde');
  lacking.lacks.clear();
  now = meet(now, lacking, 20, false);
  t.equal(text(lacking.has), 'xabHde');
  t.end();
});
