// MQTT filters: validity, matching, containment.
import t from 'tap';
import { isFilter, isTopic, isWithin, matches } from '../../src/broker/topic-filter.ts';

t.test('a filter matches as MQTT 3.1.1 §4.7 says', async (t) => {
  const cases: readonly [string, string, boolean][] = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/B', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['a/+/c', 'a/b/c', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/#', 'ab', false],
    ['#', 'a/b', true],
    ['+', 'a', true],
    ['+', '/a', false],
    ['+/+', '/a', true],
    ['/+', '/a', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
  ];
  for (const [filter, topic, answer] of cases) t.equal(matches(filter, topic), answer, `${filter} and ${topic}`);
});

t.test('a filter lies within another only if all that it covers is covered', async (t) => {
  const cases: readonly [string, string, boolean][] = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/+', true],
    ['a/+', 'a/+', true],
    ['a/+', 'a/b', false],
    ['a/#', 'a/+', false],
    ['a/#', 'a/#', true],
    ['a', 'a/#', true],
    ['a/+/c', 'a/#', true],
    ['a/+/c', 'a/+/c', true],
    ['a/+/c', 'a/+', false],
    ['a/+', 'a/+/c', false],
    ['a/b/#', 'a/+/#', true],
    ['a/#', 'a/+/#', false],
    ['#', 'a/#', false],
    ['+/#', 'a/#', false],
    ['+/b', 'a/#', false],
    ['#', '#', true],
    ['$SYS/#', '#', false],
    ['$SYS/#', '+/#', false],
    ['a/b/', 'a/b', false],
    ['/a', 'a', false],
  ];
  for (const [filter, allowed, answer] of cases) t.equal(isWithin(filter, allowed), answer, `${filter} within ${allowed}`);
});

t.test('containment agrees with matching on every small filter and topic', async (t) => {
  const levels = ['a', 'b', '+', '#'];
  const all = levels.flatMap((x) => [x, ...levels.flatMap((y) => [`${x}/${y}`, ...levels.map((z) => `${x}/${y}/${z}`)])]);
  const filters = all.filter(isFilter);
  const topics = all.filter(isTopic).concat('c', 'a/c', 'c/b', 'a/b/c', 'c/c/c', 'a/a/a/a', 'c/c/c/c', '$s/a');
  const isReallyWithin = (filter: string, allowed: string): boolean =>
    topics.every((topic) => !matches(filter, topic) || matches(allowed, topic));
  const pairs = filters.flatMap((filter) => filters.map((allowed) => [filter, allowed] as const));
  t.same(
    pairs.filter(([filter, allowed]) => isWithin(filter, allowed) && !isReallyWithin(filter, allowed)),
    [],
    'never too much',
  );
  t.same(
    pairs.filter(([filter, allowed]) => !isWithin(filter, allowed) && isReallyWithin(filter, allowed)),
    [['#', '+/#']],
    'too little only where two spellings mean the same',
  );
});

t.test('odd topics and filters are refused', async (t) => {
  for (const text of ['', 'a\u0000b', 'a\nb', '\ufeffa', '\ud800', 'x'.repeat(513), `a${'/a'.repeat(32)}`]) {
    t.equal(isTopic(text), false, JSON.stringify(text.slice(0, 20)));
    t.equal(isFilter(text), false, JSON.stringify(text.slice(0, 20)));
  }
  for (const filter of ['a+', 'a/#/b', '#/a', 'a#', 'a/b+/c', '##']) t.equal(isFilter(filter), false, filter);
  for (const filter of ['#', '+', '+/+/#', 'a//b', '/', '$SYS/#']) t.equal(isFilter(filter), true, filter);
  for (const topic of ['a/+', '#']) t.equal(isTopic(topic), false, topic);
  t.equal(isTopic('wohnzimmer/größe'), true);
});
