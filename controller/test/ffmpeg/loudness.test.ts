// Windows and gains.
import t from 'tap';
import { gainFor, listeningWindows, readLoudness } from '../../src/ffmpeg/loudness.ts';

t.test('three windows of a minute within a film, one of a short file', async (t) => {
  t.same(listeningWindows(null), [{ fromMs: 0, lengthMs: 180_000 }]);
  t.same(listeningWindows(100_000), [{ fromMs: 0, lengthMs: 180_000 }]);
  const windows = listeningWindows(7_200_000);
  t.equal(windows.length, 3);
  t.ok(windows.every(({ fromMs, lengthMs }) => lengthMs === 60_000 && fromMs > 0 && fromMs + lengthMs < 7_200_000));
});

t.test('the gain: to -23 LUFS, 12 dB at most, and no true peak above -1 dB', async (t) => {
  t.equal(gainFor([]), 0);
  t.equal(gainFor([{ lufs: -28, peakDb: -10 }]), 5);
  t.equal(gainFor([{ lufs: -14, peakDb: 0.3 }]), -9);
  t.equal(gainFor([{ lufs: -60, peakDb: -40 }]), 12);
  t.equal(gainFor([{ lufs: -2, peakDb: 1 }]), -12);
  t.equal(gainFor([{ lufs: -28, peakDb: -3 }]), 2, 'held by its peak');
  t.equal(
    gainFor([
      { lufs: -28, peakDb: -10 },
      { lufs: -28, peakDb: -4 },
    ]),
    3,
    'of any window',
  );
  t.equal(
    gainFor([
      { lufs: -20, peakDb: -10 },
      { lufs: -60, peakDb: -40 },
    ]),
    0,
    'by energy, as the ear',
  );
});

t.test('the summary as ffmpeg prints it; silence and noise are none', async (t) => {
  const said =
    '[Parsed_ebur128_0 @ 0x5] Summary:\n\n  Integrated loudness:\n    I:         -21.8 LUFS\n    Threshold: -31.8 LUFS\n\n  True peak:\n    Peak:       -3.1 dBFS\n';
  t.same(readLoudness(said), { lufs: -21.8, peakDb: -3.1 });
  t.equal(readLoudness(said.replace('-21.8', '-70.0')), null);
  t.equal(readLoudness(said.replace('-3.1', '-inf')), null);
  t.equal(readLoudness('nothing'), null);
});
