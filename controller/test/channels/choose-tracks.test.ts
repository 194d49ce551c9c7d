// Which sound and which subtitles of a file a channel plays.
import t from 'tap';
import { chooseTracks } from '../../src/channels/choose-tracks.ts';
import type { AudioInfo, MediaInfo, SubtitleInfo } from '../../src/on-air/media-info.ts';

const sound = (ordinal: number, language: string | null, isDefault = false): AudioInfo => ({
  ordinal,
  codec: 'aac',
  profile: null,
  sampleRate: 48_000,
  channels: 2,
  language,
  isDefault,
});
const text = (ordinal: number, language: string | null, forced = false): SubtitleInfo => ({
  ordinal,
  codec: 'subrip',
  kind: 'text',
  language,
  forced,
  isDefault: false,
});
const file = (audio: AudioInfo[], subtitles: SubtitleInfo[] = []): MediaInfo => ({
  durationMs: 1,
  container: 'matroska',
  video: null,
  audio,
  subtitles,
});
const none = { audio: null, subtitle: null };

t.test('the wanted language where the file has it, its default before others; else the file’s own default', async (t) => {
  const media = file([sound(0, 'eng'), sound(1, 'ger'), sound(2, 'ger', true), sound(3, 'fre', true)]);
  const heard = (audio: string | null) => chooseTracks(media, { audio, subtitle: null }).audio;
  t.equal(heard('eng'), 0);
  t.equal(heard('ger'), 2);
  t.equal(heard('jpn'), 2, 'the first default');
  t.equal(heard(null), 2);
  t.equal(heard('deu'), 2, 'the other code of the same language');
  t.equal(heard('fra'), 3);
  t.equal(chooseTracks(file([sound(4, null)]), { audio: 'eng', subtitle: null }).audio, 4);
  t.same(chooseTracks(file([]), { audio: 'eng', subtitle: 'eng' }), none, 'silence');
  t.same(chooseTracks(null, { audio: 'eng', subtitle: 'eng' }), none, 'a file that nobody looked at');
});

t.test('subtitles are drawn when wished for, whole ones before forced ones', async (t) => {
  const media = file([sound(0, 'eng')], [text(0, 'eng', true), text(1, 'eng'), text(2, 'dut', true)]);
  const drawn = (subtitle: string | null) => chooseTracks(media, { audio: null, subtitle }).subtitle;
  t.same(drawn('eng'), { ordinal: 1, kind: 'text' });
  t.same(drawn('nld'), { ordinal: 2, kind: 'text' });
  t.equal(drawn('ita'), null);
  t.equal(drawn(null), null);
});
