// OfficialRatings in their order, as GET /Localization/ParentalRatings tells it for a server in the US and Germany. Pure.

const scores: readonly (readonly [name: string, score: number])[] = [
  ['Approved', 0],
  ['G', 0],
  ['TV-G', 0],
  ['TV-Y', 0],
  ['FSK-0', 0],
  ['FSK-6', 6],
  ['TV-Y7', 7],
  ['PG', 10],
  ['TV-PG', 10],
  ['FSK-12', 12],
  ['PG-13', 13],
  ['TV-14', 14],
  ['FSK-16', 16],
  ['R', 17],
  ['TV-MA', 17],
  ['NC-17', 18],
  ['FSK-18', 18],
];
const known = new Map(scores.map(([name, score]) => [name.toLowerCase(), score]));

/** Null for a rating that the server does not know, and for none. */
export function ratingScore(name: string): number | null {
  return known.get(name.trim().toLowerCase()) ?? null;
}

/** From 10.11 on with RatingScore beside the old Value. */
export function parentalRatings(withScore: boolean): readonly Readonly<Record<string, unknown>>[] {
  return scores.map(([name, score]) => ({
    Name: name,
    Value: score,
    ...(withScore ? { RatingScore: { score, subScore: null } } : {}),
  }));
}
