// The table in the README is the table of the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { topics } from '../src/index.ts';

t.test('the README lists each topic as it is, in order', async (t) => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)` \| `(.+?)` \| (\w+) \| (\d) \| (yes|no) \| .+ \|$/gm)].map((row) =>
    row.slice(1, 6),
  );
  t.same(
    rows,
    Object.entries(topics).map(([key, { path, from, qos, retain }]) => [key, path, from, String(qos), retain ? 'yes' : 'no']),
  );
});
