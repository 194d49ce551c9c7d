// Log lines: level, form, masked secrets, bounded length; and the version that presence carries.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createLog } from '../../src/ground/log.ts';
import { version } from '../../src/version.ts';

const lines: string[] = [];
const make = (pretty: boolean) =>
  createLog({ write: (line) => lines.push(line), now: () => 0, level: 'info', pretty, secrets: ['hunter"2!', 'abc'] });
t.beforeEach(() => lines.splice(0));

t.test('JSON lines at and above the level', async (t) => {
  make(false).debug({}, 'no');
  make(false).warn({ wan: 'wan' }, 'yes');
  t.same(
    lines.map((line) => JSON.parse(line)),
    [{ at: '1970-01-01T00:00:00.000Z', level: 'warn', text: 'yes', wan: 'wan' }],
  );
});
t.test('a secret is masked in both forms, wherever it stands; a very short one is left alone', async (t) => {
  make(false).info({ problem: 'login hunter"2! failed' }, 'hunter"2!');
  make(true).info({ problem: 'login hunter"2! abc' }, 'x');
  t.notMatch(lines.join('\n'), 'hunter');
  t.match(lines.join('\n'), 'abc');
});
t.test('a hostile text does not fill the log', async (t) => {
  make(true).info({ problem: 'x'.repeat(100_000) }, 'long');
  t.ok((lines[0]?.length ?? 0) < 4100);
});
t.test("the version is the package's", async (t) => {
  t.equal(version, JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version);
});
