// The same world under other settings: the capacity and the allocator are made anew, all else stays.
import t from 'tap';
import { builtInAllocators } from '../../../src/bandwidth/allocators/built-in.ts';
import { underSettings, withOverrides } from '../../../src/bandwidth/rehearsal/other-settings.ts';
import { input, M, SETTINGS } from '../fixtures/decision-input.ts';

t.test('only what is named is otherwise, torrents one by one', async (t) => {
  const other = withOverrides(SETTINGS, {
    algorithm: 'equal',
    apply: undefined,
    torrents: { pauseBelowBps: M, share: undefined },
  });
  t.same(other, { ...SETTINGS, algorithm: 'equal', torrents: { ...SETTINGS.torrents, pauseBelowBps: M } });
  t.same(withOverrides(SETTINGS, {}), SETTINGS);
  t.equal(withOverrides({ ...SETTINGS, pauseBelow: 1 } as typeof SETTINGS, { capacityUpBps: null }).capacityUpBps, null);
});

t.test('a least above the most takes the most along: neither was asked for', async (t) => {
  t.match(withOverrides(SETTINGS, { minPerViewerBps: 80 * M }), { minPerViewerBps: 80 * M, maxPerViewerBps: 80 * M });
});

t.test('a typed capacity goes before the shaper, and none goes back to it', async (t) => {
  const given = input({ capacityUpBps: 25 * M }, { capacityUpBps: 25 * M });
  const at = (capacityUpBps: number | null, change = {}) =>
    underSettings({ ...given, line: { ...given.line, ...change } }, { ...given.settings, capacityUpBps }, builtInAllocators)
      .capacityUpBps;
  t.equal(at(12 * M), 12 * M);
  t.equal(at(null), 40 * M);
  t.equal(at(null, { soonKnown: true }), null, 'a router that was just heard of');
  t.equal(at(12 * M, { soonKnown: true, knownFromStart: false }), 12 * M);
  t.equal(at(12 * M, { soonKnown: true, knownFromStart: true }), null);
});

t.test('the allocator is the one that the settings name', async (t) => {
  const { allocator, settings } = underSettings(input(), { ...SETTINGS, algorithm: 'priority' }, builtInAllocators);
  t.equal(allocator, builtInAllocators['priority']);
  t.equal(settings.algorithm, 'priority');
  t.ok(
    underSettings(input(), { ...SETTINGS, algorithm: 'gone' }, builtInAllocators).allocator,
    'one that is gone has another in its place',
  );
});
