// What Jellyfin makes of a playlist's names, numbers and URLs (facts/channels.md §4.1).
import t from 'tap';
import { channelItemId } from '../../../demo/jellyfin/live-tv.ts';
import { parsePlaylist } from '../../../demo/jellyfin/m3u.ts';

const tuner = { id: 'tuner', url: 'http://127.0.0.1:8555/tv.m3u' };
const one = (information: string, url = 'http://127.0.0.1:8555/c1.ts') =>
  parsePlaylist(`#EXTM3U url-tvg="x"\n#EXTINF:${information}\n#EXTVLCOPT:x\n${url}\n`, tuner, true)[0];

t.test('a channel is known by the URLs of tuner and stream, as the recorded server knew it', async (t) => {
  t.equal(channelItemId(one('-1,A')?.id ?? ''), 'dcfaeb6c25e0788f6d048e591ce378a1');
  t.not(one('-1,A', 'http://127.0.0.1:8555/c2.ts')?.id, one('-1,A')?.id);
});

t.test('names are cut at the last comma and lose a leading number', async (t) => {
  t.equal(one('-1 tvg-id="a" tvg-chno="7",Crime, Drama and more')?.name, 'Drama and more');
  t.match(one('-1,5 USA'), { name: 'USA', number: '5' });
  t.match(one('-1 tvg-chno="102",5 Crime'), { name: 'Crime', number: '102' });
  t.match(one('0,84. VOX Schweiz'), { name: 'VOX Schweiz', number: '84' });
  t.match(one('0,84.0 - VOX Schweiz'), { name: 'VOX Schweiz', number: '84.0' });
  t.equal(one('-1,90 Day Fiance')?.name, 'Day Fiance');
  t.equal(one('-1 tvg-name="Named",')?.name, 'Named');
  t.equal(one('-1 tvg-id="only",')?.name, 'only');
  t.equal(one('-1 tvg-name="A "quoted" one",Name')?.name, 'Name', 'nothing is escaped');
});

t.test('numbers come from tvg-chno, ids, name, and the last part of the URL', async (t) => {
  t.equal(one('-1 tvg-chno="0" tvg-id="12",Name')?.number, '12', '0 is none');
  t.equal(one('-1 channel-id="13",Name')?.number, '13');
  t.equal(one('-1,Name', 'http://h/live/77.ts')?.number, '77');
  t.equal(one('-1,Name')?.number, null);
  t.match(one('-1 tvg-id="a.b" channel-id="c" tvg-logo="http://h/l.png" group-title="G",N'), {
    tunerChannelId: 'a.b',
    imageUrl: 'http://h/l.png',
    group: 'G',
  });
});

t.test('entries without an absolute URL are skipped, but not before 10.11.7', async (t) => {
  t.equal(one('-1,N', '/live/1.ts'), undefined);
  t.equal(parsePlaylist('#EXTINF:-1,N\nlive/1.ts\n', tuner, false).length, 1);
  t.equal(parsePlaylist('http://h/without-information.ts\n', tuner, true).length, 0);
});
