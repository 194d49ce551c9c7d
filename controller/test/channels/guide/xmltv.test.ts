// One programme as XMLTV, and what tv_validate_file says of a whole file.
import t from 'tap';
import type { CatalogueItem } from '../../../src/channels/catalogue-item.ts';
import { guideProgrammes } from '../../../src/channels/guide/guide-programmes.ts';
import { channelXml, programmeXml, XMLTV_FOOT, XMLTV_HEAD, xmltvTime } from '../../../src/channels/guide/xmltv.ts';
import type { ScheduleEntry } from '../../../src/channels/schedule-entry.ts';
import { channel, entry, item, NOW, ODD_NAMES } from './fixtures/home.ts';
import { xmltvFaults } from './fixtures/validate-xmltv.ts';

const xmlOf = (row: ScheduleEntry, one: CatalogueItem | null, lastAiredMs: number | null = null): string =>
  guideProgrammes([row])
    .map((programme) => programmeXml(programme, { channel: channel(), item: one, lastAiredMs }).join('ROOT'))
    .join('');

/** As any parser does it. */
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

const episode = (given: Partial<ScheduleEntry> = {}) =>
  xmlOf(
    entry('e1', [0, 30], { title: 'Pilot', seriesTitle: 'Lost', season: 2, episode: 3, ...given }),
    item('e1', { kind: 'episode', genres: ['Documentary', 'Family', 'Movie', 'Crime'] }),
  );

t.test('times are UTC with +0000 to the second', async (t) => {
  t.equal(xmltvTime(Date.UTC(2026, 2, 29, 0, 59, 59)), '20260329005959 +0000');
  t.match(xmlOf(entry('f', [0, 90]), null), '<programme start="20260601120000 +0000" stop="20260601133000 +0000"');
});

t.test('an episode has its series for a title, and its number in the systems that Jellyfin reads', async (t) => {
  const xml = episode();
  t.match(xml, '<title>Lost</title><sub-title>Pilot</sub-title>');
  t.match(xml, '<episode-num system="xmltv_ns">1 . 2 . </episode-num><episode-num system="SxxExx">S02E03</episode-num>');
  t.match(xml, '<episode-num system="dd_progid">home/e1</episode-num>');
  t.match(episode({ season: 0 }), '<episode-num system="SxxExx">S00E03</episode-num>');
  t.notMatch(episode({ season: 0 }), 'xmltv_ns');
  t.match(episode({ season: null }), '<episode-num system="xmltv_ns"> . 2 . </episode-num>');
  t.notMatch(episode({ episode: null }), /xmltv_ns|SxxExx/);
  t.notMatch(episode({ season: null, episode: 0 }), /xmltv_ns|SxxExx/);
  t.match(episode({ item: null }), '<category>series</category>', 'also where the item is gone from the catalogue');
});

t.test('nothing is misfiled by Jellyfin’s own lists, and films are films', async (t) => {
  const categories = (xml: string) => [...xml.matchAll(/<category>([^<]*)/g)].map(([, text]) => text);
  t.same(categories(episode()), ['series', 'Documentaries', 'Family viewing', 'Crime']);
  t.same(categories(xmlOf(entry('f', [0, 90]), item('f', { genres: ['Drama', 'Movie'] }))), ['movie', 'Drama']);
  t.same(categories(xmlOf(entry('v', [0, 9]), item('v', { kind: 'video', genres: [] }))), ['Drama']);
});

t.test('a film has year, rating, stars, picture and when it was last on', async (t) => {
  const xml = xmlOf(entry('f', [0, 90]), item('f'), NOW - 86_400_000);
  t.match(xml, '<date>1999</date>');
  t.match(xml, '<rating><value>PG-13</value></rating><star-rating><value>7.3/10</value></star-rating>');
  t.match(xml, '<icon src="ROOT/image/home/f/tagf"/>');
  t.match(xml, '<previously-shown start="20260531120000 +0000"/>');
  const bare = xmlOf(
    entry('f', [0, 90]),
    item('f', { year: null, rating: null, communityRating: null, image: null, overview: null }),
  );
  t.notMatch(bare, /<date|<rating|<star|<icon|<desc|previously/);
  t.match(
    xmlOf(entry('f', [0, 90]), item('a b/"ü', { image: { itemId: 'x', tag: '&' } })),
    'ROOT/image/home/a%20b%2F%22%C3%BC/%26',
  );
});

t.test('a book for an overview is cut between characters', async (t) => {
  const xml = xmlOf(entry('f', [0, 90]), item('f', { overview: `x${'🎬'.repeat(2_000)}` }));
  t.match(xml, /<desc>x(🎬)+…<\/desc>/u);
  t.ok(xml.length < 2_500);
});

t.test(
  'rows 79, 122 and 123: names with & < > " \' and emoji are valid for tv_validate_file and come back as they were',
  async (t) => {
    const channels = ODD_NAMES.map((name, index) => channel({ id: index + 1, name, number: `${index + 1}`, description: name }));
    const rows = channels.map(({ id, name }) => entry(`e${id}`, [0, 60], { channelId: id, title: name, seriesTitle: name }));
    const odd = (name: string) =>
      item('x', {
        kind: 'episode',
        title: name,
        overview: name,
        genres: [name],
        rating: name,
        image: { itemId: 'i', tag: name },
      });
    const xml = [
      XMLTV_HEAD,
      ...channels.map((one) => channelXml(one, `http://box/live/t/logo/${one.id}?a&"`)),
      ...channels.flatMap((one, index) =>
        guideProgrammes([rows[index] ?? entry('', [0, 60])]).map((programme) =>
          programmeXml(programme, { channel: one, item: odd(one.name), lastAiredMs: null }).join('http://box/live/t'),
        ),
      ),
      ...channels.map((one) =>
        programmeXml({ startMs: NOW, endMs: NOW + 1, entry: null }, { channel: one, item: null, lastAiredMs: null }).join(''),
      ),
      XMLTV_FOOT,
    ].join('');
    t.equal(await xmltvFaults(t, xml), '');
    const texts = (element: string): string[] =>
      [...xml.matchAll(new RegExp(`<${element}>([^<]*)<`, 'g'))].map(([, text = '']) => unescaped(text));
    const [names, shown] = [texts('display-name'), texts('title')];
    const meant = (name: string) =>
      name
        .toWellFormed()
        .replace(/[\n\t\u0085 ]+/g, ' ')
        .replaceAll('\u0007', '')
        .trim();
    for (const [index, name] of ODD_NAMES.entries()) {
      t.equal(names[index * 2], meant(name));
      t.equal(shown[index], meant(name));
    }
  },
);
