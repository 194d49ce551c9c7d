// A comparison at somebody's wish: its answer does not wait for ever, and nobody begins a second one.
import t from 'tap';
import { silentLog } from '../../../src/log.ts';
import { createCompare } from '../../../src/sync/asked/compare.ts';
import { createFakeClock } from '../../fixtures/fake-clock.ts';

t.test('what takes long goes on, and whoever asks again joins', async (t) => {
  const clock = createFakeClock();
  const begun: string[] = [];
  const looked: string[] = [];
  const ends: { end: (differing: number) => void } = { end: () => {} };
  const compare = createCompare({
    lookNow: (server) => void looked.push(server),
    async compareWhole(server) {
      begun.push(server);
      if (server === 'cabin') throw new Error('it does not answer');
      if (server === 'attic') return 3;
      return await new Promise((resolve) => {
        ends.end = resolve;
      });
    },
    clock,
    log: silentLog,
    signal: new AbortController().signal,
  });
  const first = compare(['attic', 'barn', 'cabin'], true);
  await clock.advance(5_000);
  t.same(await first, [
    { server: 'attic', state: 'done', differing: 3, problem: null },
    { server: 'barn', state: 'running', differing: null, problem: null },
    { server: 'cabin', state: 'failed', differing: null, problem: 'it does not answer' },
  ]);
  const second = compare(['barn'], true);
  await clock.settle();
  ends.end(0);
  t.same(await second, [{ server: 'barn', state: 'done', differing: 0, problem: null }]);
  t.same(begun, ['attic', 'barn', 'cabin']);
  t.match(await compare(['attic', 'barn'], false), [{ state: 'running' }, { state: 'running' }]);
  t.same(looked, ['attic', 'barn']);
});
