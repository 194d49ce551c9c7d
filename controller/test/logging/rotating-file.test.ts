// A log file that rotates, on a real disk.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openRotatingFile, type RotatingFileOptions } from '../../src/logging/rotating-file.ts';

const DAY_MS = 86_400_000;

function options(path: string, more: Partial<RotatingFileOptions> = {}): RotatingFileOptions {
  return { path, maxBytes: 1_000, backups: 3, retentionDays: 30, now: () => Date.now(), onTrouble: () => {}, ...more };
}
const line = (n: number): string => `${String(n).padStart(6, '0')}${'.'.repeat(93)}\n`;

t.test('at the size it is set aside, N are kept, and no line is lost among those kept', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'h.log');
  {
    await using file = openRotatingFile(options(path));
    for (let n = 0; n < 100; n++) file.write(line(n));
  }
  t.same(readdirSync(folder).sort(), ['h.log', 'h.log.1', 'h.log.2', 'h.log.3']);
  for (const name of readdirSync(folder)) t.ok(statSync(join(folder, name)).size <= 1_000, name);
  const kept = ['.3', '.2', '.1', ''].map((end) => readFileSync(path + end, 'utf8')).join('');
  const numbers = kept
    .trimEnd()
    .split('\n')
    .map((one) => Number(one.slice(0, 6)));
  t.equal(numbers.at(-1), 99);
  t.same(
    numbers,
    Array.from({ length: numbers.length }, (_, i) => 100 - numbers.length + i),
  );
  t.ok(numbers.length >= 28);
});

t.test('a restart goes on in the same file; with 0 backups nothing is set aside', async (t) => {
  const path = join(t.testdir(), 'h.log');
  for (let n = 0; n < 3; n++) {
    await using file = openRotatingFile(options(path, { backups: 0 }));
    file.write(line(n));
  }
  t.equal(readFileSync(path, 'utf8'), line(0) + line(1) + line(2));
  {
    await using file = openRotatingFile(options(path, { backups: 0 }));
    for (let n = 0; n < 50; n++) file.write(line(n));
  }
  t.ok(statSync(path).size <= 1_000);
  t.notOk(existsSync(`${path}.1`));
});

t.test('files set aside end by age and by number; foreign files stay', async (t) => {
  const folder = t.testdir({
    'h.log.1': 'old',
    'h.log.2': 'young',
    'h.log.7': 'too many',
    'h.log.txt': 'foreign',
    'h.log.01': 'foreign',
    'other.log.1': 'foreign',
  });
  const old = (Date.now() - 4 * DAY_MS) / 1000;
  for (const name of readdirSync(folder).filter((one) => !['h.log.2', 'h.log.7'].includes(one)))
    utimesSync(join(folder, name), old, old);
  {
    await using file = openRotatingFile(options(join(folder, 'h.log'), { retentionDays: 3 }));
    file.write(line(1));
  }
  t.same(readdirSync(folder).sort(), ['h.log', 'h.log.01', 'h.log.2', 'h.log.txt', 'other.log.1']);
});

t.test('a path that cannot be written is an error at the start', async (t) => {
  const folder = t.testdir({ taken: {} });
  for (const path of [join(folder, 'none', 'h.log'), join(folder, 'taken'), '/proc/h.log'])
    t.throws(() => openRotatingFile(options(path)), { code: 'config_invalid', message: /^logging\.file: .* cannot be written/ });
});

t.test('trouble on the way is told once, and its end; lines lost are counted in the file', async (t) => {
  // The file is full, and a folder stands where it is to be set aside: as good as a full disk, also for root.
  const folder = t.testdir({ 'h.log': 'x'.repeat(19_950), 'h.log.1': { x: '' } });
  const path = join(folder, 'h.log');
  let count = 0;
  const troubles: (string | null)[] = [];
  {
    await using file = openRotatingFile(
      options(path, { maxBytes: 20_000, backups: 1, onTrouble: (problem) => troubles.push(problem) }),
    );
    for (let n = 0; n < 20; n++) {
      file.write(line(count++));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => troubles.length > 0);
    rmSync(`${path}.1`, { recursive: true });
    await until(() => {
      if (count < 150) file.write(line(count++));
      return troubles.includes(null);
    });
  }
  t.equal(troubles.length, 2, JSON.stringify(troubles));
  t.type(troubles[0], 'string');
  t.equal(troubles[1], null);
  const all = readFileSync(path, 'utf8');
  const written = all.match(/^0000/gm)?.length ?? 0;
  const lost = [...all.matchAll(/"text":"log lines lost","dropped":(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  t.equal(written + lost, count, 'each line is there or counted');
});

async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 1_000; n++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('condition never held');
}
