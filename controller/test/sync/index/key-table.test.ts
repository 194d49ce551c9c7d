// Keys in few bytes: nothing that was added is missed, nothing that was removed is found.
import t from 'tap';
import { createKeyTable } from '../../../src/sync/index/key-table.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';

t.test('it finds what was added and not removed, as a map would', async (t) => {
  const random = seededRandom(1);
  const table = createKeyTable();
  const model = new Map<string, number[]>();
  const textOf = () => `movie tmdb:${Math.floor(random() * 2_000)}`;
  for (let i = 0; i < 20_000; i += 1) {
    const text = textOf();
    const slots = model.get(text) ?? [];
    model.set(text, slots);
    if (random() < 0.6) {
      const slot = Math.floor(random() * 50);
      table.add(text, slot);
      slots.push(slot);
    } else {
      const slot = slots.pop() ?? 99;
      table.remove(text, slot);
    }
  }
  const sorted = (slots: readonly number[]) => [...slots].sort((a, b) => a - b);
  for (const [text, slots] of model) if (String(sorted(table.slotsOf(text))) !== String(sorted(slots))) t.fail(text);
  t.same(table.slotsOf('movie tmdb:unknown'), []);
});
