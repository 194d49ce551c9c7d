// Pure: a channel as rows of its tables, and back.
import type { Channel, ChannelPicture, ChannelRules, Selection } from './channel.ts';

type ChannelRow = {
  id: number;
  name: string;
  description: string | null;
  number: string;
  group_title: string | null;
  logo: string | null;
  enabled: number;
  schedule_type: string;
  seed: number;
  narrowing: string;
  rules: string;
  look: string;
  tuner_host_id: string | null;
  listing_provider_id: string | null;
  created_at: number;
  updated_at: number;
};
type Listed = { channel_id: number; position: number };
type LibraryRow = Listed & { server: string; library_id: string; library_name: string; collection_type: string | null };
type SourceRow = Listed & { kind: string; server: string; source_id: string; source_name: string };
type GenreRow = Listed & { genre: string; content_type: string };
type ExclusionRow = Listed & { server: string; item_id: string };

export type ChannelTables = {
  channels: ChannelRow;
  channel_ids: { name: string; next_id: number };
  channel_libraries: LibraryRow;
  channel_sources: SourceRow;
  channel_genres: GenreRow;
  channel_exclusions: ExclusionRow;
};

/** What of a selection is a list with a table of its own. */
export type ListRows = {
  readonly libraries: LibraryRow[];
  readonly sources: SourceRow[];
  readonly genres: GenreRow[];
  readonly exclusions: ExclusionRow[];
};

type Narrowing = Pick<Selection, 'tags' | 'studios' | 'years' | 'maxRating'>;

export const narrowingOf = ({ tags, studios, years, maxRating }: Selection): Narrowing => ({ tags, studios, years, maxRating });

export const listRows = (channel: number, { libraries, sources, genres, exclusions }: Selection): ListRows => ({
  libraries: libraries.map(({ server, id, name, collectionType }, position) => ({
    channel_id: channel,
    position,
    server,
    library_id: id,
    library_name: name,
    collection_type: collectionType,
  })),
  sources: sources.map(({ kind, server, id, name }, position) => ({
    channel_id: channel,
    position,
    kind,
    server,
    source_id: id,
    source_name: name,
  })),
  genres: genres.map(({ genre, contentType }, position) => ({
    channel_id: channel,
    position,
    genre,
    content_type: contentType,
  })),
  exclusions: exclusions.map(({ server, id }, position) => ({ channel_id: channel, position, server, item_id: id })),
});

/** The JSON in a row is our own: checked at the door before it was written. */
export const toChannel = (row: ChannelRow, lists: ListRows): Channel => ({
  id: row.id,
  name: row.name,
  description: row.description,
  number: row.number,
  group: row.group_title,
  logo: row.logo,
  enabled: row.enabled === 1,
  scheduleType: row.schedule_type as Channel['scheduleType'],
  seed: row.seed,
  selection: {
    libraries: lists.libraries.map((one) => ({
      server: one.server,
      id: one.library_id,
      name: one.library_name,
      collectionType: one.collection_type,
    })),
    sources: lists.sources.map((one) => ({
      kind: one.kind as Selection['sources'][number]['kind'],
      server: one.server,
      id: one.source_id,
      name: one.source_name,
    })),
    genres: lists.genres.map((one) => ({
      genre: one.genre,
      contentType: one.content_type as Selection['genres'][number]['contentType'],
    })),
    exclusions: lists.exclusions.map((one) => ({ server: one.server, id: one.item_id })),
    ...(JSON.parse(row.narrowing) as Narrowing),
  },
  rules: JSON.parse(row.rules) as ChannelRules,
  look: JSON.parse(row.look) as ChannelPicture,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
