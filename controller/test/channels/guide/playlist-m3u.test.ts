// The playlist comes back from Jellyfin's parser as it went in.
import t from 'tap';
import { compareNumbers, displayName, onAir, playlistM3u } from '../../../src/channels/guide/playlist-m3u.ts';
import { channel, ODD_NAMES } from './fixtures/home.ts';
import { parseLikeJellyfin } from './fixtures/jellyfin-m3u.ts';

const addresses = {
  guide: 'http://box:8400/live/TOKEN/guide.xml.gz',
  stream: ({ id }: { readonly id: number }) => `http://box:8400/live/TOKEN/${id}.ts`,
  logo: ({ id }: { readonly id: number }) => (id % 2 === 0 ? `http://box:8400/live/TOKEN/logo/${id}-k1` : null),
};
/** What a name cannot hold in this form, undone. */
const asMeant = (name: string): string => name.replaceAll('\u201a', ',').replaceAll('\u201d', '"').replaceAll('\u00a0', ' ');
const oneLine = (name: string): string =>
  name
    .toWellFormed()
    .replace(/[\n\t\u0085 ]+/g, ' ')
    .replaceAll('\u0007', '')
    .trim();

t.test('row 78: quotes, commas, leading numbers and non-ASCII in names survive Jellyfin’s parser', async (t) => {
  const channels = ODD_NAMES.map((name, index) => channel({ id: index + 1, name, number: `${index + 1}` }));
  const parsed = parseLikeJellyfin(playlistM3u(channels, addresses));
  t.equal(parsed.length, channels.length);
  for (const [index, name] of ODD_NAMES.entries()) {
    const one = parsed[index];
    // U+201D that was in the name is not to be told from ours; none of the others.
    t.equal(asMeant(one?.name ?? ''), oneLine(name).replaceAll('”', '"'), JSON.stringify(name));
    t.match(one, {
      number: `${index + 1}`,
      tunerChannelId: `channel-${index + 1}.headgate`,
      imageUrl: index % 2 === 1 ? `http://box:8400/live/TOKEN/logo/${index + 1}-k1` : null,
      group: 'Headgate',
      path: `http://box:8400/live/TOKEN/${index + 1}.ts`,
    });
  }
});

t.test('names without anything odd are not touched', async (t) => {
  for (const name of ['Films', 'BBC 1', 'Channel 4 HD', '24', 'Über', 'don’t', 'R2-D2', 'a.b']) t.equal(displayName(name), name);
  t.equal(displayName('5 USA'), '5\u00a0USA');
  t.equal(displayName('A, "B"'), 'A\u201a \u201dB\u201d');
});

t.test('without the tricks the judge does cut names, as the real server did', async (t) => {
  const line = (name: string) => `#EXTM3U\n#EXTINF:-1 tvg-id="x.y" tvg-chno="102",${name}\nhttp://a/1.ts\n`;
  t.equal(parseLikeJellyfin(line('5 Crime'))[0]?.name, 'Crime');
  t.equal(parseLikeJellyfin(line('One, Two'))[0]?.name, 'Two');
  t.equal(parseLikeJellyfin(line('5 Crime'))[0]?.number, '102');
  t.same(parseLikeJellyfin(line('x').replace('http://a', '')), []);
});

t.test('row 92: numbers with a dot are told as they are; groups may be odd, or none', async (t) => {
  const channels = [
    channel({ id: 7, number: '100.10', group: null }),
    channel({ id: 8, number: '100.9', group: 'A "B", <C>' }),
    channel({ id: 9, number: '2', group: '  ', name: '   ' }),
  ];
  t.strictSame(
    parseLikeJellyfin(playlistM3u(channels, addresses)).map(({ name, number, group }) => [name, number, group]),
    [
      ['Channel 2', '2', null],
      ['Films', '100.9', 'A ”B”, <C>'],
      ['Films', '100.10', null],
    ],
  );
});

t.test('rows 93 and 120: only channels that are on, by number', async (t) => {
  const numbers = ['10', '2', '100.2', '100.10', '100', 'x', '1'];
  const channels = numbers.map((number, index) => channel({ id: index + 1, number, enabled: number !== '10' }));
  t.same(
    onAir(channels).map(({ number }) => number),
    ['1', '2', '100', '100.2', '100.10', 'x'],
  );
  t.notMatch(playlistM3u(channels, addresses), 'channel-1.headgate');
  t.equal(playlistM3u([], addresses), '#EXTM3U x-tvg-url="http://box:8400/live/TOKEN/guide.xml.gz"\n');
  t.equal(Math.sign(compareNumbers('5', '5.0')), -1);
  t.equal(compareNumbers('5.1', '5.1'), 0);
});
