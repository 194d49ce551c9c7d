// Channels and programmes as /LiveTv writes them. Pure.
import type { Programme } from './guide-match.ts';
import { dashed, idOf, isoTime, ticksPerMs } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { Channel } from './live-tv.ts';
import { channelItemId } from './live-tv.ts';

const userData = (key: string, id: string) => ({
  PlaybackPositionTicks: 0,
  PlayCount: 0,
  IsFavorite: false,
  Played: false,
  Key: key,
  ItemId: id,
});

const picture = (url: string | null) => (url === null ? {} : { Primary: idOf(`image ${url}`) });

export type DtoAsk = { readonly serverId: string; readonly forUser: boolean; readonly fields: ReadonlySet<string> };

export function programmeDto(programme: Programme, channelName: string | null, ask: DtoAsk): Dto {
  const { id, name, episodeTitle } = programme;
  const flag = (key: string, on: boolean) => (on ? { [key]: true } : {});
  const key = programme.isSeries ? `Program-${name}${episodeTitle ?? ''}` : dashed(id);
  return {
    Name: name,
    ServerId: ask.serverId,
    Id: id,
    ChannelId: channelItemId(programme.channelId),
    ...(ask.fields.has('channelinfo') ? { ChannelName: channelName } : {}),
    ...(ask.fields.has('overview') ? { Overview: programme.overview } : {}),
    ...(ask.fields.has('genres') ? { Genres: programme.genres } : {}),
    OfficialRating: programme.rating,
    CommunityRating: programme.stars,
    RunTimeTicks: (programme.endMs - programme.startMs) * ticksPerMs,
    ProductionYear: programme.year,
    IndexNumber: programme.episode,
    ParentIndexNumber: programme.season,
    Type: 'Program',
    ...(ask.forUser ? { UserData: userData(key, id) } : {}),
    ImageTags: picture(programme.imageUrl),
    BackdropImageTags: [],
    ImageBlurHashes: {},
    MediaType: 'Unknown',
    EndDate: isoTime(programme.endMs),
    StartDate: isoTime(programme.startMs),
    EpisodeTitle: episodeTitle,
    ...flag('IsMovie', programme.isMovie),
    ...flag('IsSeries', programme.isSeries),
    ...flag('IsNews', programme.isNews),
    ...flag('IsKids', programme.isKids),
    ...flag('IsSports', programme.isSports),
    ...flag('IsRepeat', programme.isRepeat),
    ...flag('IsPremiere', programme.isPremiere),
    ...flag('IsLive', programme.isLive),
  };
}

export function channelDto(channel: Channel, current: Programme | null, ask: DtoAsk): Dto {
  const { id, tuner, imageUrl } = channel;
  return {
    Name: tuner.name,
    ServerId: ask.serverId,
    Id: id,
    ChannelId: null,
    Number: tuner.number,
    ChannelNumber: tuner.number,
    ...(ask.fields.has('path') ? { Path: tuner.path } : {}),
    IsFolder: false,
    Type: 'TvChannel',
    ...(ask.forUser ? { UserData: userData(dashed(id), id) } : {}),
    ImageTags: picture(imageUrl),
    BackdropImageTags: [],
    ImageBlurHashes: {},
    LocationType: 'Remote',
    MediaType: 'Video',
    ChannelType: 'TV',
    ...(current ? { CurrentProgram: programmeDto(current, tuner.name, { ...ask, fields: new Set() }) } : {}),
  };
}
