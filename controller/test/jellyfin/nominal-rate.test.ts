// How much a source needs, from whatever it says.
import t from 'tap';
import { nominalRate, remuxRate } from '../../src/jellyfin/nominal-rate.ts';

const video = { Type: 'Video', Index: 0, BitRate: 8_000_000 };
const first = { Type: 'Audio', Index: 1, BitRate: 192_000 };
const second = { Type: 'Audio', Index: 2, BitRate: 640_000 };

t.test('best knowledge first', async (t) => {
  t.equal(nominalRate({ Bitrate: 8_286_642, MediaStreams: [video, first] }, 1), 8_286_642, 'the container');
  t.equal(nominalRate({ MediaStreams: [video, first, second] }, 2), 8_640_000, 'video and the selected audio');
  t.equal(
    nominalRate({ MediaStreams: [video, first, second], DefaultAudioStreamIndex: 2 }, null),
    8_640_000,
    'the default audio',
  );
  t.equal(nominalRate({ MediaStreams: [video, first, second] }, -1), 8_192_000, 'the first audio where the index is none');
  t.equal(nominalRate({ MediaStreams: [first] }, 1), 192_000, 'music');
  t.equal(nominalRate({ MediaStreams: [video] }, undefined), 8_000_000, 'a silent film');
  t.equal(nominalRate({ Size: 62_149_820, RunTimeTicks: 600_000_000 }, 1), 8_286_643, 'size by duration');
});

t.test('half a knowledge is none', async (t) => {
  const mute = { Type: 'Video', Index: 0 };
  t.equal(nominalRate({ MediaStreams: [mute, first] }, 1), null, 'a video of unknown rate is not 192 kbit/s');
  t.equal(nominalRate({ MediaStreams: [mute, first], Size: 1_000_000, RunTimeTicks: 10_000_000 }, 1), 8_000_000);
  t.equal(nominalRate({}, 1), null);
  t.equal(nominalRate({ Bitrate: 0 }, 1), null);
  t.equal(nominalRate({ Bitrate: -5 }, 1), null);
  t.equal(nominalRate({ Size: 5, RunTimeTicks: 0 }, 1), null);
  t.equal(nominalRate({ Bitrate: Number.POSITIVE_INFINITY }, 1), null);
});

t.test('a remux sends the selected tracks only, whatever else is in the file', async (t) => {
  const source = { Bitrate: 60_000_000, MediaStreams: [video, first, second] };
  t.equal(remuxRate(source, 1), 8_192_000);
  t.equal(remuxRate(source, 2), 8_640_000);
  t.equal(remuxRate({ ...source, DefaultAudioStreamIndex: 2 }, null), 8_640_000);
  t.equal(remuxRate({ Bitrate: 60_000_000 }, 1), null, 'a source without tracks');
});
