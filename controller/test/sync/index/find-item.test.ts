// The identity of an item: from the index, else by one question.
import t, { type Test } from 'tap';
import { ControllerError } from '../../../src/errors.ts';
import { silentLog } from '../../../src/log.ts';
import { createFindItem } from '../../../src/sync/index/find-item.ts';
import { createIndexFiles } from '../../../src/sync/index/index-files.ts';
import { createItemIndex } from '../../../src/sync/index/item-index.ts';
import { createFakeClock } from '../../fixtures/fake-clock.ts';
import { episode, film, series, testServer } from './test-library.ts';

const never = new AbortController().signal;

function open(t: Test) {
  const clock = createFakeClock();
  const index = createItemIndex({ files: createIndexFiles(t.testdir()), pathMaps: [], clock, log: silentLog, signal: never });
  return { index, find: createFindItem(index), clock };
}

t.test('what is known asks nobody; what is not, once', async (t) => {
  const { index, find } = open(t);
  const a = testServer('a', [film('1', { tmdb: '1' })]);
  await index.refresh(a, never);
  t.equal(await find(a, '1', never), 'movie tmdb:1');
  t.same(a.asked.single, []);
  a.has.push(film('2', { tmdb: '2' }));
  t.same(await Promise.all([find(a, '2', never), find(a, '2', never), find(a, '2', never)]), Array(3).fill('movie tmdb:2'));
  t.equal(await find(a, '2', never), 'movie tmdb:2');
  t.same(a.asked, { whole: 1, single: ['2'] });
});

t.test('an item that is not there is asked for once in ten minutes', async (t) => {
  const { find, clock } = open(t);
  const a = testServer('a', []);
  for (let i = 0; i < 100; i += 1) t.equal(await find(a, 'gone', never), null);
  t.same(a.asked.single, ['gone']);
  await clock.advance(11 * 60_000);
  a.has.push(film('gone', { tmdb: '5' }));
  t.equal(await find(a, 'gone', never), 'movie tmdb:5');
});

t.test('a new episode is known by its series, which is asked for too', async (t) => {
  const { find } = open(t);
  const a = testServer('a', [series('s', { tvdb: '7' }), episode('1', 's', [1, 1]), episode('2', 's', [1, 2])]);
  t.same(await Promise.all([find(a, '1', never), find(a, '2', never)]), [
    'episode tvdb-series:7 s01e01',
    'episode tvdb-series:7 s01e02',
  ]);
  t.same([...a.asked.single].sort(), ['1', '2', 's']);
  const orphan = testServer('b', [episode('1', 'gone', [1, 1])]);
  t.equal(await find(orphan, '1', never), 'server:b item:1');
});

t.test('a server that is down says nothing of the item: it is asked again', async (t) => {
  const { find } = open(t);
  const a = testServer('a', [film('1', { tmdb: '1' })]);
  a.down = new ControllerError('upstream_unreachable', 'down');
  await t.rejects(find(a, '1', never), { code: 'upstream_unreachable' });
  a.down = null;
  t.equal(await find(a, '1', never), 'movie tmdb:1');
});
