// What Jellyfin's Live TV answers with, as far as it is read. Pure.
import * as z from 'zod';

const text = z.string().nullish();
const number = z.number().nullish();

/** Kept whole, since it is written back whole. */
export const tunerHost = z.looseObject({ Id: z.string().min(1), Type: text, Url: text, FriendlyName: text, TunerCount: number });
export type RawTuner = z.infer<typeof tunerHost>;

export const listingProvider = z.looseObject({
  Id: z.string().min(1),
  Type: text,
  Path: text,
  EnableAllTuners: z.boolean().nullish(),
  EnabledTuners: z.array(z.string()).nullish(),
});
export type RawProvider = z.infer<typeof listingProvider>;

/** GET /System/Configuration/livetv: there is no other list of either. */
export const liveTvConfiguration = z.object({
  TunerHosts: z.array(tunerHost).nullish(),
  ListingProviders: z.array(listingProvider).nullish(),
});

/** What a save answers with. */
export const saved = z.object({ Id: z.string().min(1) });

/** GET /ScheduledTasks. Names are in the server's language, keys are not. */
export const taskList = z.array(
  z.object({
    Id: z.string(),
    Key: text,
    State: text,
    LastExecutionResult: z.object({ EndTimeUtc: text, Status: text }).nullish(),
  }),
);

/** GET /LiveTv/Channels */
export const channelPage = z.object({
  Items: z.array(
    z.object({
      Id: z.string().min(1),
      Name: text,
      ChannelNumber: text,
      Number: text,
      ImageTags: z.record(z.string(), z.string()).nullish(),
    }),
  ),
});

/** POST /Items/{id}/PlaybackInfo */
export const playbackInfo = z.object({
  ErrorCode: text,
  MediaSources: z.array(z.object({ Id: text, LiveStreamId: text })).nullish(),
});
