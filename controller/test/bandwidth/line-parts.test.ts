// Everything under one budget: viewers, our channels, torrents, our own seeding and what nobody explains, each with its class and reason.
import t from 'tap';
import type { BandwidthStatus } from '../../src/bandwidth/bandwidth-status.ts';
import { lineParts } from '../../src/bandwidth/line-parts.ts';
import type { TorrentReading } from '../../src/neighbours/download-client.ts';
import type { MediaServer } from '../../src/neighbours/media-server.ts';
import { M, playing, watched } from './fixtures/decision-input.ts';
import { openMemoryHome } from './fixtures/memory-home.ts';

const reading = (uploadBps: number): TorrentReading => ({
  ...{ at: 0, uploadBps, downloadBps: 0, mode: 'normal', limitsLanPeers: null },
  uploadLimitBps: { normal: 0, alternative: 0 },
  downloadLimitBps: null,
});

/** Somebody outside watches one of our channels. */
const channels: MediaServer = {
  ...{ name: 'TV channels', type: 'headgate', onUplink: true, lineClass: 'channel', pauseGraceMs: 0, userLimits: null },
  watch(hear, signal) {
    hear.health({ state: 'live', since: 0, problem: null });
    hear.sessions([playing('1', { kind: 'live', title: 'Channel 1', nominalBps: 4 * M })], 0);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  },
};

t.test('in a home: each with its class, what it takes and may take, and the sum is the line', async (t) => {
  await using home = await openMemoryHome({ viewers: { anna: { class: 'premium' } } }, ['anna', 'ben'], {
    moreServers: [channels],
  });
  home.torrents.uploadBps = 2 * M;
  home.play(playing('anna', { title: 'Film' }), playing('ben', { id: 'b', address: '192.168.1.5' }));
  await home.pass(70, 3 * M + 12 * M + 2.12 * M);
  const parts = lineParts(home.bandwidth.status());
  t.same(
    parts.map((part) => [part.kind, part.name, part.class]),
    [
      ['stream', 'main/anna: Film', 'premium'],
      ['stream', 'TV channels/1: Channel 1', 'channel'],
      ['client', 'qbit', 'torrents'],
      ['other', 'other', 'other'],
      ['reserve', 'reserve', 'reserve'],
      ['free', 'free', 'free'],
    ],
  );
  const [anna, channel, qbit] = parts;
  t.match(anna, { takesBps: 8 * M, mayBps: home.limits.get('anna'), why: /^Its share of what is for viewers\. Each/ });
  t.match(channel, { takesBps: 4 * M, mayBps: null, why: /limits nobody there/ });
  t.match(qbit, { takesBps: 2 * M, why: 'Its part of what viewers leave.' });
  t.ok(Math.abs(parts.reduce((sum, { takesBps }) => sum + takesBps, 0) - 40 * M) < 0.1 * M, 'all of the line');
});

t.test(
  'our own seeding, a client that is stopped, one that is not heard, and streams that do not keep to their limit',
  async (t) => {
    await using home = await openMemoryHome({}, ['anna']);
    await home.pass(3);
    const status: BandwidthStatus = home.bandwidth.status();
    const client = { type: '', onUplink: true, health: null };
    const decision = status.decision && { ...status.decision, pausedClients: ['usenet'] };
    const streams = (['ignored', 'pending', 'asked'] as const).map((capState) => watched('anna', 8 * M, { capState }));
    const parts = lineParts({
      ...{ ...status, decision, streams },
      torrentClients: [
        { ...client, name: 'distribution', lineClass: 'distribution', reading: reading(M) },
        { ...client, name: 'usenet', reading: reading(0) },
        { ...client, name: 'late', reading: null },
        { ...client, name: 'elsewhere', onUplink: false, reading: reading(9 * M) },
      ],
    });
    t.same(
      parts.filter(({ kind }) => kind === 'client').map((part) => [part.class, part.why]),
      [
        ['distribution', 'As its user had it.'],
        ['torrents', 'Stopped: too little is left beside viewers.'],
        ['torrents', 'Not heard yet.'],
      ],
    );
    const whys = parts.filter(({ kind }) => kind === 'stream').map(({ why }) => why.slice(0, 24));
    t.same(whys, ['It does not keep to its ', 'It began before its limi', 'Its player was asked to ']);
    t.same(lineParts({ ...status, decision: null }), []);
  },
);
