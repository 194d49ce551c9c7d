// What is called so: for people, who know a title. All items are looked at, with pauses for whoever else waits.
import { setImmediate as turn } from 'node:timers/promises';
import type { IndexedItem } from './indexed-item.ts';
import { numberOf } from './item-keys.ts';
import type { ItemView } from './item-view.ts';

/** Items that are looked at in one go. */
const A_STEP = 500;

const folded = (title: string): string => title.normalize().trim().toLowerCase();

/** `Alien`, `Alien (1979)`, `One`, `Doctor S01E01`, `Doctor S01E01 One`. */
function titlesOf(item: IndexedItem): readonly string[] {
  const { name, year, series } = item;
  const titles = [name, ...(year === null ? [] : [`${name} (${year})`])];
  const number = item.kind === 'episode' ? numberOf(item) : null;
  if (series !== null && number !== null) titles.push(`${series.name} ${number}`, `${series.name} ${number} ${name}`);
  return titles;
}

/** Identities, at most so many. */
export async function calledSo(view: () => ItemView, title: string, most: number): Promise<readonly string[]> {
  const wanted = folded(title);
  const found = new Set<string>();
  let looked = 0;
  for (const { server, itemId, name } of view().places()) {
    looked += 1;
    if (looked % A_STEP === 0) await turn();
    const item = name === null || found.has(name) ? null : view().get(server, itemId);
    if (name === null || item === null || !titlesOf(item).some((one) => folded(one) === wanted)) continue;
    found.add(name);
    if (found.size >= most) break;
  }
  return [...found];
}
