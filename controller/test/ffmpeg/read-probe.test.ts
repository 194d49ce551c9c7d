// ffprobe's answers that tiny files do not give.
import t from 'tap';
import { readProbe } from '../../src/ffmpeg/read-probe.ts';

const film = (more: object) =>
  readProbe({ format: {}, streams: [{ codec_type: 'video', codec_name: 'hevc', width: 1920, height: 1080, ...more }] })?.video;

t.test('row 133: no length, or none above 0, is null', async (t) => {
  for (const duration of [undefined, '0.000000', '-1', 'N/A']) {
    t.equal(readProbe({ streams: [], format: { duration } })?.durationMs, null);
  }
  t.equal(readProbe({ streams: [], format: { duration: '12.3456' } })?.durationMs, 12_346);
});

t.test('HDR: PQ, HLG, Dolby Vision without a layer for others; not one that has it', async (t) => {
  t.match(film({ color_transfer: 'smpte2084' }), { hdr: true, transfer: 'pq' });
  t.match(film({ color_transfer: 'arib-std-b67' }), { hdr: true, transfer: 'hlg' });
  t.match(film({ side_data_list: [{ dv_profile: 5, dv_bl_signal_compatibility_id: 0 }] }), { hdr: true, transfer: 'pq' });
  t.match(film({ color_transfer: 'bt709', side_data_list: [{ dv_profile: 8, dv_bl_signal_compatibility_id: 2 }] }), {
    hdr: false,
  });
});

t.test('turned a quarter it is as wide as it is shown, by old tags and new ones', async (t) => {
  t.match(film({ tags: { rotate: '90' }, sample_aspect_ratio: '4:3' }), {
    width: 1080,
    height: 1920,
    sampleAspect: { num: 3, den: 4 },
  });
  t.match(film({ side_data_list: [{ rotation: -90 }] }), { width: 1080, height: 1920 });
  t.equal(film({ width: 0, height: 0 }), null, 'none of its frames could be decoded');
  t.match(film({ side_data_list: [{ rotation: 180 }] }), { width: 1920, height: 1080 });
});

t.test('odd fields: shapes, rates, field orders, languages, bitmaps', async (t) => {
  t.match(film({ sample_aspect_ratio: '0:1', avg_frame_rate: '0/0', r_frame_rate: '90000/1', field_order: 'unknown' }), {
    sampleAspect: null,
    rate: null,
    interlaced: false,
  });
  t.match(film({ avg_frame_rate: '0/0', r_frame_rate: '30000/1001', field_order: 'bt' }), {
    rate: { num: 30_000, den: 1001 },
    interlaced: true,
  });
  const streams = [
    { codec_type: 'subtitle', codec_name: 'hdmv_pgs_subtitle', tags: { language: 'GER' }, disposition: { forced: 1 } },
    { codec_type: 'audio', codec_name: 'dts', tags: { language: 'und' }, disposition: { default: 1 } },
    { codec_type: 'subtitle', codec_name: 'subrip' },
    { codec_type: 'data' },
  ];
  t.match(readProbe({ streams }), {
    audio: [{ ordinal: 0, codec: 'dts', language: null, isDefault: true }],
    subtitles: [
      { ordinal: 0, kind: 'bitmap', language: 'ger', forced: true },
      { ordinal: 1, kind: 'text', language: null, forced: false },
    ],
  });
  t.equal(readProbe(null), null);
  t.equal(readProbe({ streams: 3 }), null);
});
