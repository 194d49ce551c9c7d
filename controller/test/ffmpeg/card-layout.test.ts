// Where the lines of a card stand.
import t from 'tap';
import { cardText } from '../../src/ffmpeg/card-layout.ts';
import { picture } from './fixtures/orders.ts';

const large = { ...picture, width: 1184, height: 666 };
const read = (filters: readonly string[], name: string): readonly number[] =>
  filters.map((filter) => Number(new RegExp(`[=:]${name}=(\\d+)`, 'u').exec(filter)?.[1]));

t.test('one below the other within the picture, the first one larger; empty ones are none', async (t) => {
  const filters = cardText(['Next', '', 'A film at 20:15'], large, null, 'middle');
  t.equal(filters.length, 2);
  const [sizes, tops] = [read(filters, 'fontsize'), read(filters, 'y')];
  t.ok((sizes[0] ?? 0) > (sizes[1] ?? 0));
  t.ok((tops[0] ?? 0) + (sizes[0] ?? 0) < (tops[1] ?? 0) && (tops[1] ?? 0) < 666);
  t.same(cardText([], large, null, 'middle'), []);
  t.same(cardText(['\n \u0007'], large, null, 'middle'), []);
});

t.test('long lines are wrapped, also those without blanks; many rows are cut', async (t) => {
  const filters = cardText([`${'word '.repeat(30)}`, 'x'.repeat(200)], large, null, 'bottom');
  t.ok(filters.length > 4 && filters.length <= 8);
  t.ok(read(filters, 'y').every((y) => y > 0 && y < 666));
});

t.test('a font by path; a box where it lies over an image', async (t) => {
  t.match(cardText(['A'], large, '/fonts/a:b.ttf', 'bottom')[0], /^drawtext=fontfile=\/fonts\/a\\\\:b\.ttf:text=A:.*:box=1:/u);
  t.notMatch(cardText(['A'], large, null, 'middle')[0], /fontfile|box/u);
});
