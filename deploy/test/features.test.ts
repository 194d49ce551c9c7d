// FEATURES.md tells the truth: each row of the promise is there once, and each test that it names exists.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ROOT = new URL('../../', import.meta.url);
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Pages, which come with the web. */
const PAGES = [89, 103, ...range(159, 163), 165, 166, 171, 172, 271];
/** Kubernetes and releases, which come with distribution. */
const LATER = [275, 276, 311];
const PROMISED = [...range(1, 66), ...range(72, 208), ...range(253, 315)].filter((row) => ![...PAGES, ...LATER].includes(row));

type Row = { readonly number: number; readonly tests: string };

function readTable(): readonly Row[] {
  const text = readFileSync(new URL('deploy/FEATURES.md', ROOT), 'utf8');
  return [...text.matchAll(/^\| (\d+) \| [^|]+ \| (.*) \|$/gm)].map(([, number, tests = '']) => ({
    number: Number(number),
    tests,
  }));
}

const namedTests = ({ tests }: Row): readonly (readonly [path: string, title: string])[] =>
  [...tests.matchAll(/`([^`]+)` “([^”]+)”/g)].map(([, path = '', title = '']) => [path, title]);

/** The title stands in the name of a test, or of an assertion where the test has several things to say. */
const hasTest = (source: string, title: string): boolean => source.replaceAll("\\'", "'").includes(title);

const rows = readTable();

t.test('each promised row stands in the table once', async (t) =>
  t.same(
    rows.map(({ number }) => number),
    PROMISED,
  ),
);

t.test('each row names a test that exists, or says that it is open', async (t) => {
  for (const row of rows) {
    const named = namedTests(row);
    if (row.tests.startsWith('open')) t.comment(`row ${row.number} is ${row.tests}`);
    else t.ok(named.length > 0, `row ${row.number} names a test`);
    for (const [path, title] of named) {
      const file = fileURLToPath(new URL(path, ROOT));
      t.match(path, /\.test\.ts$/);
      t.ok(existsSync(file) && hasTest(readFileSync(file, 'utf8'), title), `row ${row.number}: ${path} has “${title}”`);
    }
  }
});

t.test('a title that is nowhere would be noticed', async (t) =>
  t.notOk(hasTest(readFileSync(fileURLToPath(import.meta.url), 'utf8'), ['no', 'such'].join('-'))),
);
