// FEATURES.md tells the truth: each row of the promise and each defect of its predecessor is there once, and each test that it names exists.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const ROOT = new URL('../../', import.meta.url);
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Pages, which come with the web. */
const PAGES = [89, 103, ...range(159, 163), 165, 166, 171, 172, 271];
/** Kubernetes and releases, which come with distribution. */
const LATER = [275, 276, 311];
const PROMISED = [...range(1, 68), ...range(70, 315)].filter((row) => ![...PAGES, ...LATER].includes(row));

type Row = { readonly number: number; readonly tests: string };

const [PROMISES = '', DEFECTS = ''] = readFileSync(new URL('deploy/FEATURES.md', ROOT), 'utf8').split(
  '## The fifteen defects of jellyfin-db-sync\n',
);

function readTable(text: string): readonly Row[] {
  return [...text.matchAll(/^\| (\d+) \| [^|]+ \| (.*) \|$/gm)].map(([, number, tests = '']) => ({
    number: Number(number),
    tests,
  }));
}

const namedTests = ({ tests }: Row): readonly (readonly [path: string, title: string])[] =>
  [...tests.matchAll(/`([^`]+)` “([^”]+)”/g)].map(([, path = '', title = '']) => [path, title]);

/** The title stands in the name of a test, or of an assertion where the test has several things to say. */
const hasTest = (source: string, title: string): boolean => source.replaceAll("\\'", "'").includes(title);

function namesTests(t: Test, row: Row, name: string): void {
  const named = namedTests(row);
  t.ok(named.length > 0, `${name} names a test`);
  for (const [path, title] of named) {
    const file = fileURLToPath(new URL(path, ROOT));
    t.match(path, /\.test\.ts$/);
    t.ok(existsSync(file) && hasTest(readFileSync(file, 'utf8'), title), `${name}: ${path} has “${title}”`);
  }
}

const rows = readTable(PROMISES);

t.test('each promised row stands in the table once', async (t) =>
  t.same(
    rows.map(({ number }) => number),
    PROMISED,
  ),
);

t.test('each row names a test that exists, or says that it is open', async (t) => {
  for (const row of rows) {
    if (row.tests.startsWith('open')) t.comment(`row ${row.number} is ${row.tests}`);
    else namesTests(t, row, `row ${row.number}`);
  }
});

t.test('each of the fifteen defects names a test that would see it, which exists', async (t) => {
  const defects = readTable(DEFECTS);
  t.same(
    defects.map(({ number }) => number),
    range(1, 15),
  );
  for (const defect of defects) namesTests(t, defect, `defect ${defect.number}`);
});

t.test('a title that is nowhere would be noticed', async (t) =>
  t.notOk(hasTest(readFileSync(fileURLToPath(import.meta.url), 'utf8'), ['no', 'such'].join('-'))),
);
