// What templates make of JSON is read as far as it means one thing only.
import t, { type Test } from 'tap';
import { readLooseJson } from '../../../src/sync/intake/loose-json.ts';

const reads = (t: Test, text: string, wanted: unknown): unknown => t.same(readLooseJson(text), { ok: wanted }, text);

t.test('JSON is taken as JSON', async (t) => {
  reads(t, '{"a": [1, "x", null, {"b": true}], "c": "\\u00e4\\n\\""}', { a: [1, 'x', null, { b: true }], c: 'ä\n"' });
  reads(t, '"text"', 'text');
});

t.test('row 296: bare words, empty values and stray commas', async (t) => {
  reads(t, '{"p": False, "q": True, "r": None, "s": NULL}', { p: false, q: true, r: null, s: null });
  reads(t, '{"ticks": , "done": }', { ticks: null, done: null });
  reads(t, '{"ticks": ,\n "done": \n}', { ticks: null, done: null });
  reads(t, '{"a": 1, "b": 2.5,}', { a: 1, b: 2.5 });
  reads(t, '{,"a": 1,, "b": -3}', { a: 1, b: -3 });
  reads(t, '{"list": [1, 2,], "at": 00:05:00}', { list: [1, 2], at: '00:05:00' });
});

t.test('quotes, line ends and backslashes inside of a text are part of it', async (t) => {
  reads(t, '{"n": "Say "Hi", "u": "bob"}', { n: 'Say "Hi', u: 'bob' });
  reads(t, '{"n": "The "big" one", "p": False}', { n: 'The "big" one', p: false });
  reads(t, '{"n": "line\nend", "p": True}', { n: 'line\nend', p: true });
  reads(t, '{"n": "C:\\films \\ back \\"x\\"", "p": True}', { n: 'C:\films \\ back "x"', p: true });
  reads(t, '{"n": "\\u00e4 \\u00", "p": True}', { n: 'ä \\u00', p: true });
});

t.test('what cannot be read says where and near which name, and never a value', async (t) => {
  const problem = (text: string): string => {
    const read = readLooseJson(text);
    return 'problem' in read ? read.problem : `read: ${JSON.stringify(read.ok)}`;
  };
  t.equal(problem('{"secret": "hunter2'), 'a text has no end (character 20, near "secret")');
  t.equal(problem('{"a": True'), '"}" is missing at the end (character 11, near "a")');
  t.equal(problem('{"a": True "b": 1}'), 'a comma is missing, or a quote too many (character 18, near "a")');
  t.equal(problem('{a: 1}'), 'a name in double quotes should stand here (character 2)');
  t.equal(problem('{"a": True} and more'), 'something follows the end (character 13, near "a")');
  t.match(problem(`${'['.repeat(40)}`), /too many brackets/);
  t.match(problem('{"a": [False, '), /the end is missing/);
});

t.test('a large body of quotes takes no longer than its length', async (t) => {
  const body = `{"n": "${'" '.repeat(100_000)}", "p": False}`;
  t.match(readLooseJson(body), { ok: { p: false } });
});
