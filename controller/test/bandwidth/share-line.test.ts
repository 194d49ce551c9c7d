// Caps whose players draw more than they say: what they draw together fits the line.
import t from 'tap';
import { allocateCaps } from '../../src/bandwidth/allocate-caps.ts';
import { builtInAllocators } from '../../src/bandwidth/allocators/built-in.ts';
import { overheadsOf, shareLine } from '../../src/bandwidth/share-line.ts';
import { M, watched } from './fixtures/decision-input.ts';

const claim = (viewer: string, demandBps: number) => ({ viewer, demandBps, weight: 1, minBps: M, maxBps: 50 * M });
const input = { availableBps: 20 * M, claims: [claim('a', 8 * M), claim('b', 8 * M)], boosts: new Map(), stepBps: 100_000 };

t.test('without anything learned it is the allocation itself; with it the line holds what the caps draw', async (t) => {
  for (const allocator of Object.values(builtInAllocators)) {
    t.same(shareLine(allocator, input, new Map()).caps, allocateCaps(allocator, input).caps);
    const overheads = new Map([['a', 1.5]]);
    const { caps } = shareLine(allocator, input, overheads);
    const drawn = (caps.get('a') ?? 0) * 1.5 + (caps.get('b') ?? 0);
    t.ok(drawn <= 20 * M && drawn > 19 * M, `${drawn}`);
  }
});

t.test('minimum, maximum and boost are of the cap, not of what it draws', async (t) => {
  const overheads = new Map([['a', 2]]);
  const tight = shareLine(builtInAllocators['equal'] ?? (() => new Map()), { ...input, availableBps: M }, overheads);
  t.same(
    [...tight.caps],
    [
      ['a', M],
      ['b', M],
    ],
  );
  t.equal(tight.overCommitmentBps, 2 * M, 'three of them on a line of one');
  const boosted = shareLine(
    builtInAllocators['equal'] ?? (() => new Map()),
    { ...input, boosts: new Map([['a', { bps: 6 * M }]]) },
    overheads,
  );
  t.equal(boosted.caps.get('a'), 6 * M);
});

t.test('of two streams of one viewer the one that draws more counts', async (t) => {
  const streams = [watched('anna', 8 * M, { wireBps: 9 * M }), watched('anna', 4 * M, { wireBps: 6 * M }), watched('ben', M)];
  t.same([...overheadsOf(streams)], [['main/anna', 1.5]]);
});
