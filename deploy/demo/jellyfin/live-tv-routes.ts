// /LiveTv: tuners and guides by an admin's hand, channels and programmes for those who may watch, and the tasks that refresh them.
import { type Answer, json, noContent, refusals } from './answer.ts';
import { mappingRoutes } from './channel-mappings.ts';
import type { Programme } from './guide-match.ts';
import { isoTime, newId, parseId } from './identity.ts';
import { commaList, isTrue } from './item-query.ts';
import { askedUser } from './item-routes.ts';
import type { Channel } from './live-tv.ts';
import { guideDays, type Provider, readProvider, readTuner, type Tuner } from './live-tv-configuration.ts';
import { channelDto, programmeDto } from './live-tv-dto.ts';
import { type LiveTvRoutesNeed, mustManage, mustWatch } from './live-tv-rights.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';

/** With the id of one that is there it takes its place; any other id is forgotten for a new one. */
function put<T extends { readonly Id: string }>(
  list: readonly T[],
  given: T,
): { readonly list: readonly T[]; readonly stored: T } {
  const known = given.Id ? list.some(({ Id }) => Id === given.Id) : false;
  const stored = known ? given : { ...given, Id: newId() };
  return { list: known ? list.map((one) => (one.Id === stored.Id ? stored : one)) : [...list, stored], stored };
}

const refuseField = (name: string) =>
  refusals.invalid({
    [`$.${name}`]: [`The JSON value could not be converted. Path: $.${name} | LineNumber: 0 | BytePositionInLine: 0.`],
  });

async function saveTuner(need: LiveTvRoutesNeed, exchange: Exchange): Promise<Answer> {
  mustManage(exchange, need.behaviour);
  const { liveTv } = need;
  const tuner = readTuner(bodyOf(exchange), need.behaviour);
  if ('wrong' in tuner && typeof tuner.wrong === 'string') throw refuseField(tuner.wrong);
  const given = tuner as Tuner;
  if (typeof given.Type !== 'string' || given.Type.toLowerCase() !== 'm3u') throw refusals.processing(404);
  await liveTv.download.checkTuner(given).catch(() => {
    throw refusals.processing(500);
  });
  const { configuration } = liveTv.stored;
  const { list, stored } = put(configuration.TunerHosts, given);
  liveTv.configure({ ...configuration, TunerHosts: list });
  liveTv.tasks.queueGuide();
  return json(stored);
}

function saveProvider(need: LiveTvRoutesNeed, exchange: Exchange): Answer {
  mustManage(exchange, need.behaviour);
  const { liveTv } = need;
  const provider = readProvider(bodyOf(exchange));
  if ('wrong' in provider && typeof provider.wrong === 'string') throw refuseField(provider.wrong);
  const given = provider as Provider;
  if (typeof given.Type !== 'string' || given.Type.toLowerCase() !== 'xmltv') throw refusals.processing(404);
  const { configuration } = liveTv.stored;
  const { list, stored } = put(configuration.ListingProviders, given);
  liveTv.configure({ ...configuration, ListingProviders: list });
  liveTv.download.saved(stored.Id);
  liveTv.tasks.queueGuide();
  return json(stored);
}

/** 204 whether it was there or not. Taking a tuner away refreshes nothing: its channels stay until the next task. */
function remove(need: LiveTvRoutesNeed, list: 'TunerHosts' | 'ListingProviders') {
  return (exchange: Exchange): Answer => {
    mustManage(exchange, need.behaviour);
    const id = exchange.query('id')?.toLowerCase() ?? '';
    const { configuration } = need.liveTv.stored;
    const left = (configuration[list] as readonly { readonly Id: string }[]).filter((one) => one.Id.toLowerCase() !== id);
    need.liveTv.configure({ ...configuration, [list]: left });
    if (list === 'ListingProviders') need.liveTv.tasks.queueGuide();
    return noContent;
  };
}

const windowOf = (exchange: Exchange) => {
  const at = (name: string) => {
    const ms = Date.parse(exchange.query(name) ?? '');
    return Number.isNaN(ms) ? null : ms;
  };
  const [minStart, maxStart, minEnd, maxEnd] = ['minStartDate', 'maxStartDate', 'minEndDate', 'maxEndDate'].map(at);
  return (programme: Programme) =>
    (minStart == null || programme.startMs >= minStart) &&
    (maxStart == null || programme.startMs <= maxStart) &&
    (minEnd == null || programme.endMs >= minEnd) &&
    (maxEnd == null || programme.endMs <= maxEnd);
};

function slice<T>(exchange: Exchange, all: readonly T[], write: (one: T) => unknown): Answer {
  const start = Math.max(0, Number.parseInt(exchange.query('startIndex') ?? '', 10) || 0);
  const limit = Number.parseInt(exchange.query('limit') ?? '', 10);
  const shown = all.slice(start, Number.isNaN(limit) ? undefined : start + limit);
  const counted = exchange.query('enableTotalRecordCount')?.toLowerCase() !== 'false';
  return json({ Items: shown.map(write), TotalRecordCount: counted ? all.length : shown.length, StartIndex: start });
}

function watchRoutes(need: LiveTvRoutesNeed): Route[] {
  const { liveTv } = need;
  const current = (channel: Channel) => {
    const at = need.now();
    return liveTv.programmes(channel.id).find((programme) => programme.startMs <= at && at < programme.endMs) ?? null;
  };
  const shape = (exchange: Exchange) => ({
    serverId: need.serverId,
    forUser: askedUser(need.users, exchange) !== null,
    fields: new Set(commaList(exchange.query('fields'))),
  });
  const channels = (exchange: Exchange) => {
    mustWatch(exchange);
    const asked = shape(exchange);
    const withCurrent = exchange.query('addCurrentProgram')?.toLowerCase() !== 'false';
    return slice(exchange, liveTv.channels(), (channel) => channelDto(channel, withCurrent ? current(channel) : null, asked));
  };
  const programmes = (exchange: Exchange) => {
    mustWatch(exchange);
    const asked = shape(exchange);
    const ids = commaList(exchange.query('channelIds')).flatMap((id) => parseId(id) ?? []);
    const shown = liveTv.channels().filter(({ id }) => ids.length === 0 || ids.includes(id));
    const inside = windowOf(exchange);
    const at = need.now();
    const airing = isTrue(exchange.query('isAiring'));
    const all = shown
      .flatMap((channel) => liveTv.programmes(channel.id).map((programme) => ({ channel, programme })))
      .filter(({ programme }) => inside(programme) && (!airing || (programme.startMs <= at && at < programme.endMs)))
      .sort((a, b) => a.programme.startMs - b.programme.startMs);
    return slice(exchange, all, ({ channel, programme }) => programmeDto(programme, channel.tuner.name, asked));
  };
  const oneChannel = (exchange: Exchange) => {
    mustWatch(exchange);
    const channel = liveTv.channel(parseId(exchange.params['id']));
    if (!channel) throw refusals.notFound();
    return json(channelDto(channel, current(channel), shape(exchange)));
  };
  const guideInfo = (exchange: Exchange) => {
    mustWatch(exchange);
    // Computed, and no proof that there is a guide.
    const at = need.now();
    return json({ StartDate: isoTime(at), EndDate: isoTime(at + guideDays(liveTv.stored.configuration) * 86_400_000) });
  };
  return [
    { method: 'GET', path: '/LiveTv/Channels', access: 'user', handle: channels },
    { method: 'GET', path: '/LiveTv/Channels/{id}', access: 'user', handle: oneChannel },
    { method: 'GET', path: '/LiveTv/Programs', access: 'user', handle: programmes },
    { method: 'GET', path: '/LiveTv/GuideInfo', access: 'user', handle: guideInfo },
  ];
}

export function liveTvRoutes(need: LiveTvRoutesNeed): Route[] {
  const managed = (method: string, path: string, handle: Route['handle']): Route => ({ method, path, access: 'user', handle });
  const types = [
    { Name: 'HD Homerun', Id: 'hdhomerun' },
    { Name: 'M3U Tuner', Id: 'm3u' },
  ];
  return [
    managed('POST', '/LiveTv/TunerHosts', (exchange) => saveTuner(need, exchange)),
    managed('DELETE', '/LiveTv/TunerHosts', remove(need, 'TunerHosts')),
    managed('GET', '/LiveTv/TunerHosts/Types', () => json(types)),
    managed('GET', '/LiveTv/Tuners/Discover', (exchange) => {
      mustManage(exchange, need.behaviour);
      return json([]);
    }),
    managed('POST', '/LiveTv/Tuners/{id}/Reset', (exchange) => {
      mustManage(exchange, need.behaviour);
      return noContent;
    }),
    managed('POST', '/LiveTv/ListingProviders', (exchange) => saveProvider(need, exchange)),
    managed('DELETE', '/LiveTv/ListingProviders', remove(need, 'ListingProviders')),
    ...mappingRoutes(need),
    ...watchRoutes(need),
  ];
}
