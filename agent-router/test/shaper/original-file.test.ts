// The file that remembers the shaper's original.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openOriginalFile } from '../../src/shaper/original-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-original-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const kept = {
  section: 'eth1',
  original: { uploadKbit: 42_000, downloadKbit: 0 },
  written: [{ uploadKbit: 20_000, downloadKbit: 0 }],
};

t.test('keeps, answers, forgets; its folder comes by itself, and nobody else reads it', async (t) => {
  const path = join(folder, 'a/b/shaper.json');
  const file = openOriginalFile(path);
  t.equal(await file.load(), undefined);
  await file.save(kept);
  t.same(await openOriginalFile(path).load(), kept);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.same(readdirSync(join(folder, 'a/b')), ['shaper.json']);
  await file.clear();
  await file.clear();
  t.equal(await file.load(), undefined);
});

t.test('a half-written new file does not hide the old one', async (t) => {
  const path = join(folder, 'torn.json');
  const file = openOriginalFile(path);
  await file.save(kept);
  writeFileSync(`${path}.new`, '{"sec');
  t.same(await file.load(), kept);
});

t.test('a broken file and a folder that cannot be are errors, not "nothing kept"', async (t) => {
  const path = join(folder, 'broken.json');
  writeFileSync(path, '{}');
  await t.rejects(openOriginalFile(path).load(), { code: 'storage_failed' });
  await t.rejects(openOriginalFile('/dev/null/shaper.json').save(kept), { code: 'storage_failed' });
});
