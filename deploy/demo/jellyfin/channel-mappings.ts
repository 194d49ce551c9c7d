// /LiveTv/ChannelMappings: which guide channel an admin gave to a tuner's channel by hand.
import { type Answer, json, refusals } from './answer.ts';
import { matchChannel } from './guide-match.ts';
import type { Provider } from './live-tv-configuration.ts';
import { type LiveTvRoutesNeed, mustManage } from './live-tv-rights.ts';
import type { TunerChannel } from './m3u.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';
import type { Guide } from './xmltv.ts';

const emptyGuide: Guide = { channels: [], entries: [] };

function provider(need: LiveTvRoutesNeed, id: string | null): Provider {
  const found = need.liveTv.stored.configuration.ListingProviders.find(({ Id }) => Id.toLowerCase() === id?.toLowerCase());
  // Enumerable.First on nothing.
  if (!found) throw refusals.processing(500);
  return found;
}

async function tunerChannels(need: LiveTvRoutesNeed): Promise<readonly TunerChannel[]> {
  const { liveTv } = need;
  const lists = liveTv.stored.configuration.TunerHosts.map(({ Id }) => liveTv.tunerChannels(Id).catch(() => []));
  return (await Promise.all(lists)).flat();
}

function mapped(channel: TunerChannel, of: Provider, guide: Guide) {
  const match = matchChannel(channel, of, guide);
  return {
    Name: channel.number === null ? channel.name : `${channel.number} ${channel.name ?? ''}`,
    ProviderChannelName: match?.name ?? null,
    ProviderChannelId: match?.id ?? null,
    Id: channel.id,
  };
}

const guideOf = (need: LiveTvRoutesNeed, of: Provider) =>
  need.liveTv.download.guide(of, new AbortController().signal).catch(() => emptyGuide);

async function options(need: LiveTvRoutesNeed, exchange: Exchange): Promise<Answer> {
  mustManage(exchange, need.behaviour);
  const of = provider(need, exchange.query('providerId'));
  const guide = await guideOf(need, of);
  return json({
    TunerChannels: (await tunerChannels(need)).map((channel) => mapped(channel, of, guide)),
    ProviderChannels: guide.channels.map(({ id, name }) => ({ Name: name, Id: id })),
    Mappings: of.ChannelMappings ?? [],
    ProviderName: 'XmlTV',
  });
}

/** The same pair again takes it away. */
async function save(need: LiveTvRoutesNeed, exchange: Exchange): Promise<Answer> {
  mustManage(exchange, need.behaviour);
  const body = bodyOf(exchange);
  for (const name of ['ProviderId', 'TunerChannelId', 'ProviderChannelId'])
    if (typeof body[name] !== 'string' || body[name] === '')
      throw refusals.invalid({ [name]: [`The ${name} field is required.`] });
  const { ProviderId, TunerChannelId: tuner, ProviderChannelId: guideChannel } = body as Record<string, string>;
  const of = provider(need, ProviderId ?? null);
  const others = (of.ChannelMappings ?? []).filter(({ Name }) => Name.toLowerCase() !== tuner?.toLowerCase());
  const stays = tuner !== guideChannel ? [{ Name: tuner ?? '', Value: guideChannel ?? '' }] : [];
  const twice = (of.ChannelMappings ?? []).some(({ Name, Value }) => Name === tuner && Value === guideChannel);
  const changed: Provider = { ...of, ChannelMappings: twice ? others : [...others, ...stays] };
  const { configuration } = need.liveTv.stored;
  const ListingProviders = configuration.ListingProviders.map((one) => (one.Id === of.Id ? changed : one));
  need.liveTv.configure({ ...configuration, ListingProviders });
  need.liveTv.tasks.queueGuide();
  const channel = (await tunerChannels(need)).find(({ id }) => id === tuner);
  return channel ? json(mapped(channel, changed, await guideOf(need, changed))) : json({ Id: tuner });
}

export function mappingRoutes(need: LiveTvRoutesNeed): Route[] {
  return [
    { method: 'GET', path: '/LiveTv/ChannelMappingOptions', access: 'user', handle: (exchange) => options(need, exchange) },
    { method: 'POST', path: '/LiveTv/ChannelMappings', access: 'user', handle: (exchange) => save(need, exchange) },
  ];
}
