// Slates on disk: whatever is in their folder, a channel has its own.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createSlates, type SlateDeps } from '../../src/live/slates.ts';
import { silentLog } from '../../src/log.ts';
import { folderOf, look } from './station.ts';

const slate = Uint8Array.of(0x47, 1, 2, 3);

function openSlates(folder: string) {
  const made: string[] = [];
  const told: string[] = [];
  const make: SlateDeps['make'] = async (_picture, lines) => {
    made.push(lines.join('/'));
    return slate;
  };
  const log = { ...silentLog, warn: (_fields: object, text: string) => void told.push(text) };
  const slates = createSlates({ folder, maker: 'test', make, log, signal: new AbortController().signal });
  return { slates, made, told };
}

t.test('made once, kept, and found again; a file that a power cut emptied is made anew', async (t) => {
  const folder = folderOf(t);
  const first = openSlates(folder);
  t.equal(await first.slates.prepare([look]), true);
  t.equal(first.made.length, 3);
  const again = openSlates(folder);
  t.equal(await again.slates.prepare([look]), true);
  t.same(again.made, []);
  t.same(again.slates.starting(look), slate);
  const names = readdirSync(folder);
  writeFileSync(join(folder, names[0] ?? ''), Buffer.alloc(188));
  const healed = openSlates(folder);
  t.equal(await healed.slates.prepare([look]), true);
  t.equal(healed.made.length, 1);
  t.same(readFileSync(join(folder, names[0] ?? '')), Buffer.from(slate));
});

t.test('a folder that cannot be made, and rest in it that cannot be taken away, are told and no more', async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'file'), '');
  const nowhere = openSlates(join(folder, 'file', 'slates'));
  t.equal(await nowhere.slates.prepare([look]), true);
  t.same(nowhere.slates.starting(look), slate, 'from memory');
  t.same(new Set(nowhere.told), new Set(['a slate is not kept']));
  mkdirSync(join(folder, '1x1_old_0123456789abcdef.ts'));
  const stuck = openSlates(folder);
  t.equal(await stuck.slates.prepare([look]), true);
  t.same(stuck.told, ['slates that nobody uses are kept']);
});
