// Pure: lines of text on a picture, as `drawtext` filters: the first line large, all of them in the middle, or below over an image.
import type { Picture } from '../on-air/picture.ts';
import { filterValue, oneLine } from './filter-text.ts';

type Row = { readonly text: string; readonly size: number };

/** A glyph of a proportional font is about half as wide as high; a card is read from afar, so it has few rows. */
const glyphShape = 0.55;
const mostRows = 8;

/** Filters in order; none where there is no text. `font` null leaves the choice to fontconfig. */
export function cardText(
  lines: readonly string[],
  picture: Picture,
  font: string | null,
  place: 'middle' | 'bottom',
): readonly string[] {
  const rows = lines
    .map(oneLine)
    .filter((line) => line !== '')
    .flatMap((line, i) => wrap(line, Math.round(picture.height / (i === 0 ? 12 : 20)), picture.width * 0.86));
  const shown = rows.slice(0, mostRows);
  const total = shown.reduce((sum, { size }) => sum + size * leading, 0);
  let y = place === 'middle' ? (picture.height - total) / 2 : picture.height * 0.94 - total;
  return shown.map(({ text, size }) => {
    const at = Math.round(y);
    y += size * leading;
    const options = [
      ...(font === null ? [] : [`fontfile=${filterValue(font)}`]),
      `text=${filterValue(text)}`,
      // A title is no expression, whatever per cent signs it has.
      ...['expansion=none', `fontsize=${size}`, 'fontcolor=white', 'x=(w-text_w)/2', `y=${at}`],
      ...(place === 'bottom' ? ['box=1', 'boxcolor=black@0.6', `boxborderw=${Math.round(size / 4)}`] : []),
    ];
    return `drawtext=${options.join(':')}`;
  });
}

const leading = 1.5;

function wrap(line: string, size: number, width: number): readonly Row[] {
  const most = Math.max(8, Math.floor(width / (size * glyphShape)));
  const rows: string[] = [];
  let row = '';
  for (const word of line.split(' ').flatMap((whole) => cut(whole, most))) {
    if (row !== '' && row.length + 1 + word.length > most) {
      rows.push(row);
      row = word;
    } else row = row === '' ? word : `${row} ${word}`;
  }
  return [...rows, row].map((text) => ({ text, size }));
}

/** By code points: half a surrogate pair is no character. */
const cut = (word: string, most: number): readonly string[] => {
  const points = [...word];
  return Array.from({ length: Math.ceil(points.length / most) }, (_, i) => points.slice(i * most, (i + 1) * most).join(''));
};
