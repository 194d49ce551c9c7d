// The fields of items and of what users did with them that are kept the same. Null and absent are alike (facts/jellyfin.md §4). Pure.
import * as z from 'zod';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();

/**
 * UserItemDataDto: of GET /UserItems/{id}/UserData, of an item in a list, and of the socket's UserDataChanged. Ticks are 100 ns.
 * The first four stand in every answer of every version: where they do not, it is no Jellyfin's, and would read as "this person has nothing here".
 */
export const userData = z.object({
  Played: z.boolean(),
  PlayCount: z.number(),
  PlaybackPositionTicks: z.number(),
  IsFavorite: z.boolean(),
  /** `Likes` is not read: it is `Rating >= 6.5`, and nothing else. */
  Rating: number,
  LastPlayedDate: text,
  /** What has episodes, songs or films below it, and nothing else has. */
  UnplayedItemCount: number,
});
export type UserDataAnswer = z.infer<typeof userData>;

/** BaseItemDto, as far as an item must be known again elsewhere. */
export const itemAnswer = z.object({
  Id: z.string().min(1),
  Type: z.string(),
  Name: text,
  ProductionYear: number,
  Path: text,
  ProviderIds: z.record(z.string(), z.string().nullable()).nullish(),
  RunTimeTicks: number,
  SeriesId: text,
  SeriesName: text,
  ParentIndexNumber: number,
  IndexNumber: number,
});
export type ItemAnswer = z.infer<typeof itemAnswer>;

/** Each media source has the id of the item that it is. */
export const filesAnswer = z.object({ MediaSources: z.array(z.object({ Id: z.string().min(1) })).nullish() });

/** An item of a list that was asked for with enableUserData. */
export const stateAnswer = z.object({ Id: z.string().min(1), Type: z.string(), UserData: userData });
export type StateAnswer = z.infer<typeof stateAnswer>;

/** GET /Items. Entries are looked at one by one: an odd one must not hide a library. */
export const listPage = z.object({ Items: z.array(z.unknown()), TotalRecordCount: number });

/** GET /Users, as far as it is read. */
export const userAnswers = z.array(
  z.object({
    Id: z.string().min(1),
    Name: z.string(),
    Policy: z
      .object({
        IsAdministrator: flag,
        IsDisabled: flag,
        EnableAllFolders: flag,
        MaxParentalRating: number,
        BlockedTags: z.array(z.string()).nullish(),
        AllowedTags: z.array(z.string()).nullish(),
      })
      .nullish(),
  }),
);
export type UserAnswer = z.infer<typeof userAnswers>[number];
