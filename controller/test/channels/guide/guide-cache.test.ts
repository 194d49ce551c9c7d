// The guide of many channels: its window, when it is rendered again, what it holds in memory.
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import type { Channel } from '../../../src/channels/channel.ts';
import { createGuideAnswers, takesGzip } from '../../../src/channels/guide/conditional-answer.ts';
import { createGuideCache, type Guide } from '../../../src/channels/guide/guide-cache.ts';
import { channel, DAY, entry, fullWeek, HOUR, item, MINUTE, memorySource, NOW, weekItems } from './fixtures/home.ts';
import { xmltvFaults } from './fixtures/validate-xmltv.ts';

const addresses = { root: 'http://box:8400/live/TOKEN', logo: () => null };
const textOf = async (guide: Guide): Promise<string> => {
  let text = '';
  for await (const chunk of guide.chunks()) text += Buffer.from(chunk).toString();
  return text;
};
const titles = (xml: string) => [...xml.matchAll(/<title>([^<]*)/g)].map(([, title]) => title);

t.test('row 79: the window is 3 h back and 7 days ahead, exact to the second', async (t) => {
  const [back, ahead] = [-180, 7 * 24 * 60];
  const second = 1 / 60;
  const source = memorySource([
    entry('gone', [back - 30, 30], { title: 'ends at the edge' }),
    entry('in', [back, 60], { title: 'from the edge' }),
    entry('last', [ahead - 60, 60 - second], { title: 'starts before' }),
    entry('edge', [ahead - second, 60], { title: 'a second before the edge' }),
  ]);
  let now = NOW;
  const cache = createGuideCache({ source, now: () => now });
  const shown = async () => titles(await textOf(await cache.guide([channel()], addresses)));
  t.same(await shown(), ['from the edge', 'starts before', 'a second before the edge']);
  now = NOW - 1_000;
  t.same(await shown(), ['ends at the edge', 'from the edge', 'starts before'], 'a second earlier');
  now = NOW + HOUR;
  t.same(await shown(), ['starts before', 'a second before the edge'], 'an hour later');
  t.equal(source.reads(), 1, 'and it was rendered once');
});

t.test('the ETag stays while the content does, over restarts too, and changes with each change of it', async (t) => {
  const rows = [entry('a', [0, 60]), entry('b', [60, 60])];
  let now = NOW;
  const open = () => {
    const source = memorySource(rows, [item('a'), item('b')]);
    return { source, cache: createGuideCache({ source, now: () => now }) };
  };
  const { source, cache } = open();
  const etag = async (one: Channel = channel(), from = cache) => (await from.guide([one], addresses)).etag;
  const first = await etag();
  t.equal(await etag(), first);
  now += 10 * MINUTE;
  t.equal(await etag(channel(), open().cache), first, 'after a restart');
  t.not(await etag(channel({ name: 'Other' })), first, 'another name');
  t.not((await cache.guide([channel()], { ...addresses, root: 'http://box/live/OTHER' })).etag, first, 'another consumer');
  source.rows[1] = entry('b', [60, 61]);
  t.equal(await etag(), first, 'nobody said so');
  cache.forget(2);
  t.equal(await etag(), first, 'another channel');
  cache.forget(1);
  const second = await etag();
  t.not(second, first, 'a change');
  source.rows[0] = entry('a', [0, 60], { title: 'New' });
  cache.forget(null);
  t.not(await etag(), second, 'any channel');
  now = NOW + 60 * MINUTE + 3 * HOUR;
  t.not(await etag(), second, 'a programme left');
});

t.test('a change while the schedule is read is not lost', async (t) => {
  const source = memorySource([entry('a', [0, 60], { title: 'Old' })]);
  let cache: ReturnType<typeof createGuideCache> | null = null;
  const entries: typeof source.entries = async (id, fromMs, toMs) => {
    const read = await source.entries(id, fromMs, toMs);
    if (source.reads() === 1) {
      source.rows[0] = entry('a', [0, 60], { title: 'New' });
      cache?.forget(1);
    }
    return read;
  };
  cache = createGuideCache({ source: { ...source, entries }, now: () => NOW });
  t.same(titles(await textOf(await cache.guide([channel()], addresses))), ['New']);
});

t.test('repeats within 30 days on this channel say when it was', async (t) => {
  const source = memorySource([entry('a', [0, 60]), entry('b', [60, 60]), entry('a', [120, 60]), entry('c', [180, 60])]);
  const lastAired = () =>
    new Map([
      ['home/b', NOW - 20 * DAY],
      ['home/c', NOW - 31 * DAY],
    ]);
  const cache = createGuideCache({ source: { ...source, lastAired }, now: () => NOW });
  const xml = await textOf(await cache.guide([channel()], addresses));
  t.same(
    [...xml.matchAll(/previously-shown start="([^ ]*)/g)].map(([, at]) => at),
    ['20260512120000', '20260601120000'],
  );
});

t.test('each consumer gets its own addresses out of the same bytes', async (t) => {
  const source = memorySource(fullWeek(1), weekItems(1));
  const cache = createGuideCache({ source, now: () => NOW });
  for (const root of ['http://box/live/A', 'https://tv.example/h&g/live/BB']) {
    const xml = await textOf(await cache.guide([channel()], { ...addresses, root }));
    const icons = [...xml.matchAll(/<icon src="([^"]*)"/g)].map(([, src]) => src ?? '');
    t.equal(icons.length, 342);
    t.ok(icons.every((src) => src.startsWith(`${root.replace('&', '&amp;')}/image/home/c1-`)));
    t.equal(await xmltvFaults(t, xml), '');
  }
  t.equal(source.reads(), 1);
});

t.test('what does not fit is rendered again, and the guide is the same', async (t) => {
  const channels = [1, 2, 3, 4].map((id) => channel({ id, number: String(id) }));
  const rows = channels.flatMap(({ id }) => fullWeek(id));
  const open = (maxBytes: number) => {
    const source = memorySource(rows);
    return { source, cache: createGuideCache({ source, now: () => NOW, maxBytes }) };
  };
  const [roomy, tight] = [open(100_000_000), open(300_000)];
  const whole = await roomy.cache.guide(channels, addresses);
  const small = await tight.cache.guide(channels, addresses);
  t.equal(small.etag, whole.etag);
  t.equal(await textOf(small), await textOf(whole));
  t.equal(roomy.source.reads(), 4);
  t.ok(tight.source.reads() > 4);
});

t.test('100 channels are streamed a channel at a time: a slow reader holds back the rest', async (t) => {
  const channels = Array.from({ length: 100 }, (_, index) => channel({ id: index + 1, number: String(index + 1) }));
  const week = fullWeek(1);
  const [one = null] = weekItems(1);
  const source = {
    entries: (id: number, fromMs: number, toMs: number) =>
      week.filter((row) => row.endMs > fromMs && row.startMs < toMs).map((row) => ({ ...row, channelId: id })),
    itemOf: () => one,
  };
  const cache = createGuideCache({ source, now: () => NOW, maxBytes: 2_000_000 });
  const guide = await cache.guide(channels, addresses);
  const facts = { header: () => null, reply: { status: () => {}, header: () => {} } };
  const stream = await createGuideAnswers().answer(guide, facts, 'file');
  if (stream === undefined || typeof stream === 'string' || stream instanceof Uint8Array) throw new Error('is no stream');
  const packed: Buffer[] = [];
  let most = 0;
  for await (const chunk of stream) {
    packed.push(chunk as Buffer);
    most = Math.max(most, stream.readableLength);
  }
  const xml = gunzipSync(Buffer.concat(packed)).toString();
  t.ok(xml.length > 10_000_000, String(xml.length));
  t.ok(most < 1_000_000, `${most} bytes were waiting at most`);
  t.equal(xml.match(/<channel /g)?.length, 100);
  t.equal(xml.match(/<programme /g)?.length, 34_200);
});

t.test('a reader that leaves ends the reading', async (t) => {
  const source = memorySource([1, 2, 3].flatMap((id) => fullWeek(id)));
  const cache = createGuideCache({ source, now: () => NOW, maxBytes: 1 });
  const guide = await cache.guide(
    [1, 2, 3].map((id) => channel({ id })),
    addresses,
  );
  const before = source.reads();
  const chunks = guide.chunks();
  await chunks.next();
  await chunks.next();
  await chunks.return(undefined);
  t.equal(source.reads(), before + 1);
});

t.test('gzip is for who takes it', async (t) => {
  for (const header of ['gzip', 'deflate, gzip;q=0.5', 'x-gzip', '*', 'br, GZIP']) t.ok(takesGzip(header), header);
  for (const header of [null, '', 'identity', 'gzip;q=0', 'br', '*;q=0', 'gzip; q=0.00'])
    t.notOk(takesGzip(header), String(header));
});
