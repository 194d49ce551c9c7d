// Pure: whether an item belongs to a slot's or date rule's choice.
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { Choice } from '../channel.ts';
import { hashText } from './seeded-hash.ts';

/**
 * Kinds and series narrow. Of genres, tags, words in titles and single items one is enough: `Christmas` is a tag at one library and only in
 * the titles of another. Series are ids or titles. Letter case never counts.
 */
export function choiceMatcher(choice: Choice): (item: CatalogueItem) => boolean {
  const kinds = new Set<string>(choice.kinds);
  const series = lowerSet(choice.series);
  const [genres, tags] = [lowerSet(choice.genres), lowerSet(choice.tags)];
  const words = choice.titles.map((word) => word.toLowerCase());
  const keys = new Set(choice.items.map(itemKey));
  const isOpen = genres.size + tags.size + words.length + keys.size === 0;
  const hasWord = (title: string): boolean => words.some((word) => title.toLowerCase().includes(word));
  return (item) => {
    if (kinds.size > 0 && !kinds.has(item.kind)) return false;
    if (
      series.size > 0 &&
      !(item.series && (series.has(item.series.id.toLowerCase()) || series.has(item.series.title.toLowerCase())))
    ) {
      return false;
    }
    if (isOpen || keys.has(itemKey(item))) return true;
    if (item.genres.some((genre) => genres.has(genre.toLowerCase()))) return true;
    if (item.tags.some((tag) => tags.has(tag.toLowerCase()))) return true;
    return words.length > 0 && (hasWord(item.title) || (item.series !== null && hasWord(item.series.title)));
  };
}

/** Short name of a choice, the same for the same choice. */
export const choiceKey = (choice: Choice): string => hashText(JSON.stringify(choice)).toString(36);

const lowerSet = (texts: readonly string[]): ReadonlySet<string> => new Set(texts.map((text) => text.toLowerCase()));
