// The fields of items, libraries and ratings that channels are made of. Null and absent are alike (facts/jellyfin.md §4). Pure.
import * as z from 'zod';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();

const mediaStream = z.object({
  Type: text,
  Index: number,
  Codec: text,
  Profile: text,
  Level: number,
  Width: number,
  Height: number,
  AspectRatio: text,
  IsAnamorphic: flag,
  AverageFrameRate: number,
  RealFrameRate: number,
  PixelFormat: text,
  IsInterlaced: flag,
  VideoRange: text,
  ColorTransfer: text,
  SampleRate: number,
  Channels: number,
  Language: text,
  IsDefault: flag,
  IsForced: flag,
  IsExternal: flag,
  IsTextSubtitleStream: flag,
});
export type LibraryStream = z.infer<typeof mediaStream>;

const mediaSource = z.object({
  Id: text,
  Path: text,
  Protocol: text,
  Container: text,
  RunTimeTicks: number,
  MediaStreams: z.array(mediaStream).nullish(),
});
export type LibrarySource = z.infer<typeof mediaSource>;

/** BaseItemDto, as far as it is read. */
export const libraryItem = z.object({
  Id: z.string().min(1),
  Type: z.string(),
  Name: text,
  SeriesId: text,
  SeriesName: text,
  ParentIndexNumber: number,
  IndexNumber: number,
  RunTimeTicks: number,
  Genres: z.array(z.string()).nullish(),
  Tags: z.array(z.string()).nullish(),
  Studios: z.array(z.object({ Name: text })).nullish(),
  ProductionYear: number,
  OfficialRating: text,
  CommunityRating: number,
  Overview: text,
  ImageTags: z.record(z.string(), z.string()).nullish(),
  SeriesPrimaryImageTag: text,
  Path: text,
  CollectionType: text,
  ChildCount: number,
  MediaSources: z.array(mediaSource).nullish(),
});
export type LibraryItem = z.infer<typeof libraryItem>;

/** GET /Items, /Genres, /Shows/…, /Playlists/{id}/Items. Entries are looked at one by one: an odd one must not hide a library. */
export const itemPage = z.object({ Items: z.array(z.unknown()), TotalRecordCount: number });

export const readableItems = (list: readonly unknown[]): readonly LibraryItem[] =>
  list.flatMap((entry) => {
    const parsed = libraryItem.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });

/** GET /Library/VirtualFolders. CollectionType is absent for mixed content. */
export const virtualFolders = z.array(z.object({ Name: z.string(), ItemId: text, CollectionType: text }));

/** GET /Localization/ParentalRatings: `Value` up to 10.10, beside it `RatingScore` from 10.11. */
export const parentalRatings = z.array(
  z.object({ Name: text, Value: number, RatingScore: z.object({ score: number }).nullish() }),
);
