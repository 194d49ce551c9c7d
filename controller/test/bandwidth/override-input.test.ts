// Mbit/s and minutes of an override, in the feature's words.
import t from 'tap';
import { overrideOf, pauseFor } from '../../src/bandwidth/override-input.ts';
import { M } from './fixtures/decision-input.ts';

t.test('only what is named is overridden', async (t) => {
  t.same(overrideOf({ minutes: 30, upload_mbps: 12.5, torrents_mbps: 0.5, reserve_percent: 0 }, 1_000), {
    patch: { capacityUpBps: 12.5 * M, reserve: { percent: 0 }, whileStreamingBps: 0.5 * M, whenIdleBps: 0.5 * M },
    until: 1_801_000,
  });
  t.same(
    overrideOf(
      {
        minutes: 0.5,
        enabled: true,
        dry_run: false,
        algorithm: 'equal',
        running_streams: 'leave',
        download_mbps: 1,
        max_per_viewer_mbps: 8,
      },
      0,
    ).patch,
    {
      ...{ enabled: true, dryRun: false, algorithm: 'equal', runningStreams: 'leave' },
      ...{ capacityDownBps: M, maxPerViewerBps: 8 * M },
    },
  );
});

t.test('a pause is an override of one setting', async (t) => {
  t.same(pauseFor(0, 5), { patch: { enabled: false }, until: 5 });
});
