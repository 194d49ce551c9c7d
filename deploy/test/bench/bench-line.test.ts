// A figure is judged by its bound, and what is no number never holds.
import t from 'tap';
import { judge } from '../../bench/bench-line.ts';
import { tableOf } from '../../bench/bench-table.ts';

const figure = (value: number, baseline?: number) => ({
  ...{ name: 'n', line: 'l', value, unit: 'ms' },
  ...(baseline === undefined ? {} : { baseline: { name: 'bare', value: baseline } }),
});

t.test('a bound is a limit that may be met exactly', async (t) => {
  t.match(judge(figure(5), { atMost: 5 }), { must: '<= 5 ms', holds: true, baseline: null, baseline_value: null, ratio: null });
  t.match(judge(figure(5.1), { atMost: 5 }), { holds: false });
  t.match(judge(figure(5), { atLeast: 5 }), { must: '>= 5 ms', holds: true });
  t.match(judge(figure(4.9), { atLeast: 5 }), { holds: false });
  t.match(judge(figure(5, 10), { ratioAtLeast: 0.5 }), {
    must: 'ratio >= 0.5',
    holds: true,
    baseline: 'bare',
    baseline_value: 10,
    ratio: 0.5,
  });
  t.match(judge(figure(4, 10), { ratioAtLeast: 0.5 }), { holds: false });
  t.match(judge(figure(11, 10), { ratioAtMost: 1 }), { holds: false });
});

t.test('what could not be measured does not hold', async (t) => {
  for (const bound of [{ atMost: 5 }, { atLeast: 5 }, { ratioAtMost: 1 }, { ratioAtLeast: 1 }])
    t.match(judge(figure(Number.NaN, 1), bound), { holds: false });
  t.match(judge(figure(1), { ratioAtLeast: 0 }), { holds: false }, 'a ratio without a baseline');
  t.match(judge(figure(0, 0), { ratioAtMost: 1 }), { holds: false });
});

t.test('the table stands in columns', async (t) => {
  const table = tableOf([judge(figure(0.123_456), { atMost: 5 }), judge(figure(123_456.7, 200_000), { ratioAtLeast: 0.7 })]);
  t.same(table.split('\n'), [
    '      bench  what       value  must          baseline          ratio',
    'ok    n      l       0.123 ms  <= 5 ms',
    'FAIL  n      l     123,500 ms  ratio >= 0.7  bare: 200,000 ms   0.62',
  ]);
});
