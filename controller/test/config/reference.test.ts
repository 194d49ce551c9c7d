// The configuration reference is the schema's, word for word. With --update it is written anew.
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { configReference } from '../../src/config/reference.ts';

const file = new URL('../../CONFIGURATION.md', import.meta.url);
const reference = configReference(['equal', 'priority', 'demand']);
if (process.argv.includes('--update')) writeFileSync(file, reference);

t.test('CONFIGURATION.md says what the schema says', async (t) => {
  t.equal(readFileSync(file, 'utf8'), reference, 'run this file with --update');
});

t.test('every key of the reference has a kind and a description', async (t) => {
  const rows = reference.split('\n').filter((line) => line.startsWith('| `'));
  t.ok(rows.length > 70, 'the reference has rows');
  t.same(
    rows.filter((row) => !/^\| `\w+` \| [^|]+ \|[^|]*\| [^|]+ \|$/.test(row)),
    [],
  );
});
