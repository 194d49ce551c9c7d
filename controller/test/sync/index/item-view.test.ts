// Random libraries on three servers: grouping does not depend on the order in which they are read, nor on whether they are read at once or one by one.
import t from 'tap';
import type { SyncedItem } from '../../../src/neighbours/synced-server.ts';
import { movesBetween } from '../../../src/sync/index/compare-views.ts';
import { atOnce } from '../../../src/sync/index/in-turns.ts';
import type { IndexedItem } from '../../../src/sync/index/indexed-item.ts';
import type { ItemView } from '../../../src/sync/index/item-view.ts';
import { changesOf } from '../../../src/sync/index/view-changes.ts';
import { pick, seededRandom } from '../../fixtures/seeded-random.ts';
import { buildView, episode, film, itemsOf, onServer, series } from './test-library.ts';

type Random = () => number;
const SERVERS = ['a', 'b', 'c'];

/** Few ids and paths for many items: all kinds of agreement and contradiction come about. */
function randomItem(random: Random, id: string): SyncedItem {
  const small = (most: number) => `${Math.floor(random() * most) + (random() < 0.05 ? 0 : 1)}`;
  const ids: Record<string, string> = {};
  for (const provider of ['imdb', 'tmdb', 'tvdb', 'anidb']) if (random() < 0.35) ids[provider] = small(6);
  const more = random() < 0.5 ? { path: `/x/${small(6)}` } : {};
  const kind = random();
  if (kind < 0.5) return film(id, ids, more);
  if (kind < 0.65) return series(id, ids, more);
  const number = random() < 0.1 ? null : Number(small(3));
  return episode(id, `i${Math.floor(random() * 12)}`, [Number(small(2)), number], {
    ...more,
    providerIds: random() < 0.5 ? ids : {},
  });
}

const randomLibrary = (random: Random): readonly IndexedItem[] =>
  SERVERS.flatMap((server) =>
    onServer(
      server,
      Array.from({ length: 12 }, (_, i) => randomItem(random, `i${i}`)),
    ),
  );

const shuffled = <T>(random: Random, list: readonly T[]): readonly T[] =>
  list
    .map((value) => ({ value, at: random() }))
    .sort((x, y) => x.at - y.at)
    .map(({ value }) => value);

const namesOf = (view: ItemView, all: readonly IndexedItem[]) =>
  all.map(({ server, itemId }) => `${server}/${itemId} ${view.nameOf(server, itemId)}`).join('\n');

const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);

t.test('whatever order servers and items are read in, alone or at once, the groups and names are the same', async (t) => {
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const all = randomLibrary(random);
    const names = namesOf(buildView(all), all);
    t.equal(namesOf(buildView(shuffled(random, all)), all), names, `seed ${seed}`);
    const grown = buildView([]);
    for (const item of shuffled(random, all)) grown.change([{ server: item.server, itemId: item.itemId, item }]);
    t.equal(namesOf(grown, all), names, `seed ${seed}, one by one`);
  }
});

t.test('items of one identity never contradict each other in an id, are of one kind, and find each other', async (t) => {
  for (const seed of SEEDS) {
    const all = randomLibrary(seededRandom(seed));
    const view = buildView(all);
    for (const item of all) {
      const name = view.nameOf(item.server, item.itemId) ?? '';
      const group = view.named(name);
      if (!group.some(({ server, itemId }) => server === item.server && itemId === item.itemId))
        t.fail(`seed ${seed}: ${name} does not lead back`);
      for (const mate of group) {
        if (mate.kind !== item.kind) t.fail(`seed ${seed}: kinds in ${name}`);
        if (item.kind !== 'episode' && contradicts(item, mate)) t.fail(`seed ${seed}: ids in ${name}`);
      }
    }
  }
});

const contradicts = (a: IndexedItem, b: IndexedItem): boolean => {
  const idsOf = ({ ids }: IndexedItem) => new Map(ids.split('\n').map((id) => [id.split(':')[0], id] as const));
  const others = idsOf(b);
  return [...idsOf(a)].some(([provider, id]) => (others.get(provider) ?? id) !== id);
};

t.test('with metadata that is right, incomplete as it may be, each thing is found on all servers', async (t) => {
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const truth = new Map<string, string>();
    const all = SERVERS.flatMap((server) =>
      onServer(
        server,
        Array.from({ length: 20 }, (_, i) => {
          truth.set(`${server}/${server}${i}`, `thing ${i}`);
          // TMDB is always there; the others may be missing, and paths are each server's own.
          const ids = {
            tmdb: `${i + 1}`,
            ...(random() < 0.5 ? { imdb: `tt${i + 1}` } : {}),
            ...(random() < 0.5 ? { tvdb: `${i + 1}` } : {}),
          };
          return film(`${server}${i}`, ids, random() < 0.5 ? { path: `/${server}/${i}` } : {});
        }),
      ),
    );
    const view = buildView(all);
    for (const { server, itemId } of all) {
      const group = view.named(view.nameOf(server, itemId) ?? '').map((mate) => truth.get(`${mate.server}/${mate.itemId}`));
      if (group.length !== 3 || new Set(group).size !== 1) t.fail(`seed ${seed}: ${server}/${itemId}`);
    }
  }
});

t.test(
  'after random changes the view is as one that is built of what is left, and the changes told lead from one to the other',
  async (t) => {
    for (const seed of SEEDS) {
      const random = seededRandom(seed);
      const view = buildView(randomLibrary(random));
      let before = buildView(itemsOf(view));
      for (let step = 0; step < 10; step += 1) {
        const server = pick(random, SERVERS);
        const ids = new Set(Array.from({ length: 1 + Math.floor(random() * 4) }, () => `i${Math.floor(random() * 14)}`));
        const some = [...ids].map((itemId) => {
          const [item = null] = random() < 0.3 ? [] : onServer(server, [randomItem(random, itemId)]);
          return { server, itemId, item };
        });
        const told = atOnce(changesOf(server, view.change(some)));
        const left = itemsOf(view);
        const anew = buildView(left);
        if (namesOf(view, left) !== namesOf(anew, left)) t.fail(`seed ${seed}, step ${step}: names`);
        const whole = atOnce(changesOf(server, atOnce(movesBetween(before, anew))));
        if (JSON.stringify(sorted(told)) !== JSON.stringify(sorted(whole)))
          t.same(sorted(told), sorted(whole), `seed ${seed}, step ${step}: told`);
        before = anew;
        for (const change of told) {
          for (const name of change.appeared)
            if (!view.named(name).some((item) => item.server === change.server)) t.fail(`${name} did not appear`);
          for (const name of change.vanished)
            if (view.named(name).some((item) => item.server === change.server)) t.fail(`${name} did not vanish`);
          for (const { from, to } of change.renamed)
            if (view.named(from).length > 0 || view.named(to).length === 0) t.fail(`${from} is not ${to}`);
        }
      }
    }
  },
);

const sorted = (told: ReturnType<typeof changesOf> extends Generator<undefined, infer T> ? T : never) =>
  told
    .map(({ server, appeared, vanished, renamed }) => ({
      server,
      appeared: [...appeared].sort(),
      vanished: [...vanished].sort(),
      renamed: renamed.map(({ from, to }) => `${from} > ${to}`).sort(),
    }))
    .sort((a, b) => (a.server < b.server ? -1 : 1));
