// The few fields of Jellyfin's answers that Headgate reads. Jellyfin 10.9 to 12 leave null fields out, and sometimes send them: both are accepted. Pure.
import * as z from 'zod';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();

const mediaStream = z.object({ Type: text, Index: number, BitRate: number, Height: number });
export type MediaStream = z.infer<typeof mediaStream>;

/** One file or stream of an item: what its bytes need. Size in bytes, RunTimeTicks in 100 ns. */
export const mediaSource = z.object({
  Id: text,
  Bitrate: number,
  Size: number,
  RunTimeTicks: number,
  DefaultAudioStreamIndex: number,
  MediaStreams: z.array(mediaStream).nullish(),
});
export type MediaSource = z.infer<typeof mediaSource>;

/** GET /Items/{id}?userId= */
export const item = z.object({ Id: z.string(), MediaSources: z.array(mediaSource).nullish() });

const nowPlaying = z.object({
  Id: z.string(),
  Name: text,
  SeriesName: text,
  Type: text,
  MediaType: text,
  Height: number,
  MediaStreams: z.array(mediaStream).nullish(),
});

/** One entry of GET /Sessions and of the socket's Sessions message. */
export const session = z.object({
  Id: z.string().min(1),
  UserId: text,
  UserName: text,
  Client: text,
  DeviceName: text,
  RemoteEndPoint: text,
  LastPlaybackCheckIn: text,
  SupportsRemoteControl: flag,
  SupportedCommands: z.array(z.string()).nullish(),
  NowPlayingItem: nowPlaying.nullish(),
  PlayState: z
    .object({
      PositionTicks: number,
      IsPaused: flag,
      AudioStreamIndex: number,
      SubtitleStreamIndex: number,
      MediaSourceId: text,
      PlayMethod: text,
      LiveStreamId: text,
    })
    .nullish(),
  TranscodingInfo: z
    .object({
      Bitrate: number,
      IsVideoDirect: flag,
      IsAudioDirect: flag,
      Height: number,
      // 10.8 writes flags as one text, newer ones a list.
      TranscodeReasons: z.unknown().optional(),
    })
    .nullish(),
});
export type Session = z.infer<typeof session>;

/** A list whose entries are looked at one by one, below. */
export const sessionList = z.array(z.unknown());

/** Keeps the sessions that can be read: one odd entry (a plug-in's, a newer version's) must not hide the others. */
export const readableSessions = (list: readonly unknown[]): readonly Session[] =>
  list.flatMap((entry) => {
    const parsed = session.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });

/**
 * The whole policy: every field of it is kept, known or not, since POST /Users/{id}/Policy replaces everything and an omitted field
 * takes a permissive default. Both provider ids are required by 10.9 and newer.
 */
export const policy = z.looseObject({
  RemoteClientBitrateLimit: z.int().nullish(),
  AuthenticationProviderId: z.string().min(1),
  PasswordResetProviderId: z.string().min(1),
});
export type Policy = z.infer<typeof policy>;

/** GET /Users/{id}, for a policy that will be written back. */
export const userWithPolicy = z.object({ Id: z.string().min(1), Policy: policy });

/** GET /Users, for reading only. */
export const userList = z.array(
  z.object({
    Id: z.string().min(1),
    Name: z.string(),
    Policy: z
      .object({
        IsAdministrator: flag,
        IsDisabled: flag,
        EnableRemoteAccess: flag,
        EnableMediaPlayback: flag,
        RemoteClientBitrateLimit: z.int().nullish(),
      })
      .nullish(),
  }),
);

/** GET /System/Info and /System/Info/Public. The start-up server of 10.11 and 12 answers the latter in camelCase, which this does not match. */
export const systemInfo = z.object({ Version: z.string().min(1), ServerName: text, Id: text });
export type SystemInfo = z.infer<typeof systemInfo>;

/** GET /System/Configuration */
export const serverConfiguration = z.object({ RemoteClientBitrateLimit: z.int().nullish() });

/** GET /System/Configuration/network */
export const networkConfiguration = z.object({
  LocalNetworkSubnets: z.array(z.string()).nullish(),
  KnownProxies: z.array(z.string()).nullish(),
  EnableIPv6: flag,
});

/** What comes over /socket. */
export const socketMessage = z.object({ MessageType: z.string(), Data: z.unknown() });
