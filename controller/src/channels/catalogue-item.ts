// One film, episode or clip of a media server, as far as schedule and guide need it. Pure.

export type CatalogueItem = {
  /** Name of the media server in the configuration. */
  readonly server: string;
  /** The server's own id; with `server` unique. */
  readonly id: string;
  readonly libraryId: string;
  readonly kind: 'movie' | 'episode' | 'video';
  readonly title: string;
  readonly series: { readonly id: string; readonly title: string } | null;
  readonly season: number | null;
  readonly episode: number | null;
  readonly durationMs: number;
  /** An episode has its series' genres, tags and studios too: episodes rarely carry their own. */
  readonly genres: readonly string[];
  readonly tags: readonly string[];
  readonly studios: readonly string[];
  readonly year: number | null;
  /** As the library shows it: `PG-13`, `FSK-12`. */
  readonly rating: string | null;
  /** The server's own number for it; null where it knows none. */
  readonly ratingScore: number | null;
  readonly overview: string | null;
  readonly communityRating: number | null;
  /** Of the primary image, its own or (episodes) the series'; null where there is none. */
  readonly image: { readonly itemId: string; readonly tag: string } | null;
  readonly path: string | null;
};

/** Unique over all servers. */
export const itemKey = ({ server, id }: Pick<CatalogueItem, 'server' | 'id'>): string => `${server}/${id}`;
