// Pure: one amount among several by weight, each within its own bounds; what one may not take goes to the others.

export type Part = { readonly weight: number; readonly least: number; readonly most: number };

/** The parts in order. Their sum is `total`, unless the least of all is more, or the most of all is less. */
export function fillByWeight(total: number, parts: readonly Part[]): readonly number[] {
  const given: number[] = parts.map(() => 0);
  let open = parts.map((part, i) => ({ ...part, i, least: Math.min(part.least, part.most) }));
  let left = total;
  while (open.length > 0) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0);
    const tried = open.map((part) => {
      const fair = weights > 0 ? (left * part.weight) / weights : left / open.length;
      return { ...part, fair, bound: Math.min(part.most, Math.max(part.least, fair)) };
    });
    // As a flexible row of boxes is laid out (CSS Flexbox 9.7): whichever bound weighs more is settled first, for it makes the other side right.
    const over = tried.reduce((sum, { fair, bound }) => sum + bound - fair, 0);
    const settled = tried.filter(({ fair, bound }) => (over > 0 ? bound > fair : over < 0 ? bound < fair : true));
    for (const { i, bound } of settled) {
      given[i] = bound;
      left -= bound;
    }
    const names = new Set(settled.map(({ i }) => i));
    open = open.filter(({ i }) => !names.has(i));
  }
  return given;
}
