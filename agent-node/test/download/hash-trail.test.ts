// sha256 behind a torrent's bytes, on real files: also where some of them were wrong, and where they came before.
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createHashTrail } from '../../src/download/hash-trail.ts';
import { createHasher } from '../../src/library/hasher.ts';

const SIZES = [300_000, 0, 200_000, 100_000] as const;
const TOTAL = 600_000;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const never = new AbortController().signal;

function stage(t: Test) {
  const folder = t.testdir({});
  const contents = SIZES.map((size) => randomBytes(size));
  const paths = SIZES.map((_, at) => join(folder, `t${at}`));
  const write = (at: number, bytes = contents[at] ?? Buffer.alloc(0)): void => writeFileSync(paths[at] ?? '', bytes);
  for (const at of SIZES.keys()) write(at);
  const hasher = createHasher();
  t.teardown(() => hasher[Symbol.asyncDispose]());
  // The third is one that nobody knows the sum of.
  const files = paths.map((path, at) => ({ path, size: SIZES[at] ?? 0, isHashed: at !== 2 }));
  const wanted = contents.map((bytes, at) => (at === 2 ? null : sha256(bytes)));
  return { contents, write, wanted, trail: createHashTrail(hasher, files) };
}

/** Lets what was begun be read. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

t.test('it follows from file to file, over an empty one and one that is passed by', async (t) => {
  const { trail, wanted } = stage(t);
  for (const bytes of [1, 100_000, 299_999, 300_000, 300_000, 450_000, 500_001, TOTAL]) {
    trail.follow(bytes);
    await soon();
  }
  t.same(await trail.finish(never), wanted);
});

t.test('all at once, and nothing but the end: what came before a restart', async (t) => {
  const first = stage(t);
  first.trail.follow(TOTAL);
  t.same(await first.trail.finish(never), first.wanted);
  const second = stage(t);
  t.same(await second.trail.finish(never), second.wanted);
});

t.test('what was not right after all is read again: in a file that was under way, and in one that was through', async (t) => {
  const { trail, wanted, write, contents } = stage(t);
  const [first = Buffer.alloc(0)] = contents;
  const spoilt = Buffer.from(first);
  spoilt.fill(0, 50_000, 60_000);
  write(0, spoilt);
  trail.follow(200_000);
  await soon();
  write(0);
  trail.follow(40_000);
  await soon();
  write(0, spoilt);
  trail.follow(450_000);
  await soon();
  write(0);
  trail.follow(50_000);
  trail.follow(TOTAL);
  t.same(await trail.finish(never), wanted);
});

t.test('a file that cannot be read is told, and a signal ends it', async (t) => {
  const hasher = createHasher();
  t.teardown(() => hasher[Symbol.asyncDispose]());
  const gone = [{ path: join(t.testdir({}), 'gone'), size: 10, isHashed: true }];
  using trail = createHashTrail(hasher, gone);
  trail.follow(10);
  await t.rejects(trail.finish(never), { code: 'storage_failed' });
  using other = createHashTrail(hasher, gone);
  await t.rejects(other.finish(AbortSignal.abort(new Error('stopped'))), { message: 'stopped' });
});
