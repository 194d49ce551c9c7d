// What Jellyfin reads in a guide, and what it overlooks (facts/channels.md §4.3, §4.4).
import t from 'tap';
import { matchChannel, programmeOf } from '../../../demo/jellyfin/guide-match.ts';
import { type Provider, readProvider } from '../../../demo/jellyfin/live-tv-configuration.ts';
import { parsePlaylist } from '../../../demo/jellyfin/m3u.ts';
import { guideTime, parseGuide } from '../../../demo/jellyfin/xmltv.ts';

const provider = readProvider({ Type: 'xmltv', Path: 'http://h/g.xml' }) as Provider;
const entry = (inside: string) => {
  const xml = `<?xml version="1.0"?><!DOCTYPE tv SYSTEM "xmltv.dtd"><tv><programme channel="c" start="20261121040000 +0000" stop="20261121050000 +0000">${inside}</programme></tv>`;
  const found = parseGuide(xml, null).entries[0];
  if (!found) throw new Error('no entry');
  return programmeOf(found, 'm3u_x', provider);
};

t.test('times want exactly four digits of offset', async (t) => {
  t.equal(guideTime('20261121040000 +0000'), Date.UTC(2026, 10, 21, 4));
  t.equal(guideTime('20261121040000 -0130'), Date.UTC(2026, 10, 21, 5, 30));
  t.equal(guideTime('20261121040000'), Date.UTC(2026, 10, 21, 4));
  for (const odd of ['20261121040000 Z', '20261121040000 CET', '20261121040000 +01', '2026-11-21T04:00:00Z'])
    t.equal(guideTime(odd), Date.parse('0001-01-01T00:00:00Z'), odd);
});

t.test('episode numbers, films, repeats and the show id', async (t) => {
  t.match(entry('<title>A &amp; B</title><sub-title>P</sub-title><episode-num system="xmltv_ns"> 0 . 2/9 . </episode-num>'), {
    name: 'A & B',
    episodeTitle: 'P',
    season: 1,
    episode: 3,
    isSeries: true,
  });
  t.match(entry('<title>S</title><episode-num system="SxxExx">S00E04</episode-num>'), { season: 0, episode: 4 });
  t.match(entry('<title>S</title><episode-num system="onscreen">S02E04</episode-num>'), {
    season: null,
    episode: null,
    isSeries: false,
  });
  t.match(
    entry('<title>F</title><sub-title>x</sub-title><category>Movie</category><episode-num system="xmltv_ns">0.1.</episode-num>'),
    {
      isMovie: true,
      isSeries: false,
      episode: null,
      episodeTitle: null,
      season: 1,
    },
  );
  t.match(entry('<title>D</title><category>Documentary</category>'), { isNews: true, isMovie: false });
  t.match(entry('<title>R</title><previously-shown/><new/>'), { isRepeat: false });
  const id = (title: string, more = '') =>
    entry(`<title>${title}</title><episode-num system="xmltv_ns">1.2.</episode-num>${more}`).showId;
  t.equal(id('One'), id('Other'), 'without dd_progid two shows share an id');
  t.equal(id('One', '<episode-num system="dd_progid">item-7</episode-num>'), 'item-7');
});

t.test('channels are matched by mapping, tvg-id, number, then name', async (t) => {
  const guide = parseGuide(
    '<tv><channel id="A"><display-name>Alpha Beta</display-name><icon src="http://h/a.png"/></channel><channel id="B"><display-name>Bee</display-name><display-name>12</display-name></channel></tv>',
    null,
  );
  const match = (information: string, mappings: Provider['ChannelMappings'] = []) => {
    const channel = parsePlaylist(`#EXTINF:${information}\nhttp://h/x.ts\n`, { id: 't', url: 'http://h/m' }, true)[0];
    return channel ? matchChannel(channel, { ChannelMappings: mappings }, guide)?.id : undefined;
  };
  t.equal(match('-1 tvg-id="a",Z'), 'A', 'case does not count');
  t.equal(match('-1 tvg-chno="12",Z'), 'B');
  t.equal(match('-1,alpha-beta'), 'A');
  t.equal(match('-1 tvg-id="q",Alpha Beta', [{ Name: 'q', Value: 'B' }]), 'B');
  t.equal(match('-1,Z'), undefined);
});

t.test('what is not well-formed is refused, what is no guide is empty, and null lists break it', async (t) => {
  t.throws(() => parseGuide('<tv><programme></tv>', null));
  t.same(parseGuide('<html><body>502</body></html>', null), { channels: [], entries: [] });
  const broken = readProvider({ Type: 'xmltv', Path: 'x', NewsCategories: null }) as Provider;
  const guide = parseGuide(
    '<tv><programme channel="c" start="20261121040000 +0000" stop="20261121050000 +0000"><title>T</title></programme></tv>',
    null,
  );
  const [found] = guide.entries;
  t.throws(() => found && programmeOf(found, 'm3u_x', broken));
});
