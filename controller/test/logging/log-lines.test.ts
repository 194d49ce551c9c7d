// One record as a line.
import t from 'tap';
import { jsonLine, prettyLine } from '../../src/logging/log-lines.ts';

const mask = (text: string): string => text;
const record = (fields: Record<string, unknown>, text = 'caps changed') =>
  ({ at: Date.UTC(2026, 0, 2, 3, 4, 5, 6), level: 'warn', text, fields }) as const;

t.test('a JSON line begins with time, level, part and text, which fields cannot replace', async (t) => {
  const line = jsonLine(record({ part: 'bandwidth', caps: 2, level: 'debug', text: 'x', time: 0 }), mask);
  t.equal(line, '{"time":"2026-01-02T03:04:05.006Z","level":"warn","part":"bandwidth","text":"caps changed","caps":2}\n');
});

t.test('a line stays one line, and a bounded one', async (t) => {
  t.equal(jsonLine(record({ a: 'x\ny' }, 'p\nq'), mask).split('\n').length, 2);
  t.match(jsonLine(record({ a: Array(50).fill('x'.repeat(1_000)) }), mask), /^\{[^\n]{50,200}"cut":5\d{4}\}\n$/);
});

t.test('a pretty line is for people, and no field can forge one or move the cursor', async (t) => {
  const plain = prettyLine(
    { ...record({ part: 'jellyfin', user: 'Anna', title: 'a b', n: 3, o: { x: 1 } }), level: 'info' },
    mask,
  );
  t.equal(plain, '03:04:05 info   jellyfin  caps changed  user=Anna  title="a b"  n=3  o={"x":1}\n');
  const summer = { ...record({}), at: Date.UTC(2026, 6, 2, 22, 4, 5), level: 'info' } as const;
  t.equal(prettyLine(summer, mask, 'Europe/Berlin'), '00:04:05 info   caps changed\n', 'by the clock on the wall');
  const hostile = prettyLine({ ...record({ user: '\u001b[2J\n09:00 info ok' }, 'bad \u001b[31m\u0007'), level: 'info' }, mask);
  t.equal(hostile.split('\n').length, 2);
  t.notMatch(hostile.slice(0, -1), /\p{Cc}/u);
  t.equal(prettyLine(record({}), mask), '\u001b[33m03:04:05 warn   caps changed\u001b[0m\n', 'a warning is coloured');
});
