// Pure: films by year or by title, over and over.
import type { CatalogueItem } from '../catalogue-item.ts';
import { compareText } from './episode-order.ts';
import type { LineMemory } from './plan-memory.ts';
import { lastsMs, type Walk } from './walk.ts';

export type FilmWalk = Walk & { memory(): LineMemory['film'] };

/** Goes on after the last one's year and title, not after its place: films may come and go. None airs out of turn. */
export function createFilmWalk(films: readonly CatalogueItem[], by: 'by_year' | 'by_title', last: LineMemory['film']): FilmWalk {
  const compare = by === 'by_year' ? compareYears : compareTitles;
  const inOrder = [...films].sort(compare);
  let mark = last;
  let at = mark ? inOrder.findIndex((film) => mark !== null && compare(film, mark) > 0) : 0;
  const current = (): CatalogueItem | null => inOrder[at] ?? inOrder[0] ?? null;
  return {
    current,
    fitting(mostMs) {
      const film = current();
      return film && lastsMs(film) <= mostMs ? film : null;
    },
    aired(film) {
      mark = { year: film.year, title: film.title, id: film.id };
      at = inOrder.indexOf(film) + 1;
    },
    memory: () => mark,
  };
}

type Titled = { readonly year: number | null; readonly title: string; readonly id: string };

/** Without a year: last. */
const compareYears = (a: Titled, b: Titled): number => (a.year ?? 99_999) - (b.year ?? 99_999) || compareTitles(a, b);
const compareTitles = (a: Titled, b: Titled): number =>
  compareText(a.title.toLowerCase(), b.title.toLowerCase()) || compareText(a.id, b.id);
