// The numbers of a decision as a short text, read again by every later version.
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../../src/bandwidth/decide-caps.ts';
import { decisionNumbers, numbersOf } from '../../../src/bandwidth/explain/decision-numbers.ts';
import { packNumbers, unpackNumbers } from '../../../src/bandwidth/explain/pack-numbers.ts';
import { input, M, torrent, viewer, watched } from '../fixtures/decision-input.ts';

function numbers(streams: number) {
  const viewers = Array.from({ length: 60 }, (_, i) => viewer(`user-${i}`, { ceilingBps: 20 * M + i, ceilingFrom: 'server' }));
  const given = input({
    viewers,
    streams: viewers.slice(0, streams).map(({ name }, i) => watched(name, 8_286_642 + i * 977_531)),
    torrents: [torrent('qbit', { uploadBps: 1_234_567 }), torrent('deluge')],
  });
  return numbersOf({ input: given, ...decideCaps(given, NOTHING_DECIDED), isFirst: true });
}

t.test('what is packed is read again, whole', async (t) => {
  for (const streams of [0, 1, 3, 60]) {
    const whole = numbers(streams);
    t.same(decisionNumbers.parse(unpackNumbers(packNumbers(whole))), JSON.parse(JSON.stringify(whole)));
  }
});

t.test(
  'it is short: five thousand of an evening of three viewers, in a house where each user has a limit of their own, are four megabytes',
  async (t) => {
    t.ok(packNumbers(numbers(3)).length <= 800, `${packNumbers(numbers(3)).length} bytes`);
    t.ok(packNumbers(numbers(60)).length <= 6_000, `${packNumbers(numbers(60)).length} bytes with sixty`);
  },
);

t.test('a text of the first version is still read', async (t) => {
  const kept =
    'z1:7dXBDcAgCAXQXTpBo13IBdz/2KT089GEAEmPPYqoCcpTlZCHKOVeUPmloBQdYw+M3hAycLQLQQLy5p0BJFYRhSFtyZhzHDVQMFmF5TkKHcwqrMjsbcw8ffoIVdFgjUM8mKqnIuQgIr+zKwju0m7I6w0l4fJEN39BSJWxBCM3';
  t.match(decisionNumbers.parse(unpackNumbers(kept)), {
    mode: 'streaming',
    budget: { capacity: 40 * M },
    streams: [['main/anna', 8 * M]],
  });
});

t.test('what is no such text is nothing', async (t) => {
  for (const text of [undefined, null, {}, '', 'z1:', 'z1:!!!!', 'z2:AAAA', 'z1:AAAA'])
    t.equal(unpackNumbers(text), null, String(text));
});
