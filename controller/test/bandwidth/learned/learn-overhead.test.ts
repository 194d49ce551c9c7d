// What a half minute of the line teaches of a player, and which half minutes teach nothing.
import t from 'tap';
import {
  type LearnMemory,
  type Lesson,
  type LineSample,
  learn,
  NOTHING_LEARNED,
} from '../../../src/bandwidth/learned/learn-overhead.ts';
import type { WatchedStream } from '../../../src/bandwidth/watched-streams.ts';
import { M, playing, watched } from '../fixtures/decision-input.ts';

const anna = watched('anna', 8 * M, { startedAt: 0 });

type Moment = Partial<LineSample> & { readonly wanBps: number };

/** One sample a second from `from` on, after a minute without viewers in which others send this much. */
function lessons(samples: readonly Moment[], { from = 100_000, otherBps = 0.2 * M } = {}): readonly Lesson[] {
  let memory: LearnMemory = NOTHING_LEARNED;
  const found: Lesson[] = [];
  const take = (at: number, moment: Moment): void => {
    const next = learn(memory, { at, torrentBps: 0, capacityBps: 40 * M, streams: [], ...moment });
    memory = next.memory;
    if (next.lesson !== null) found.push(next.lesson);
  };
  for (let second = -60; second < 0; second += 1) take(from + second * 1_000, { wanBps: otherBps });
  for (const [second, moment] of samples.entries()) take(from + second * 1_000, moment);
  return found;
}
const minute = (moment: (second: number) => Moment, seconds = 62): readonly Moment[] =>
  Array.from({ length: seconds }, (_, i) => moment(i));
const plays = (wanBps: number, streams: readonly WatchedStream[] = [anna], more: Partial<LineSample> = {}): Moment => ({
  wanBps,
  streams,
  ...more,
});
const factors = (found: readonly Lesson[]) => found.map(({ factor }) => Math.round(factor * 100) / 100);

t.test('bursts of 2 s are evened out over half a minute; what else was sent before is taken off', async (t) => {
  const found = lessons(minute((second) => plays(0.2 * M + (second % 4 < 2 ? 17.6 * M : 0))));
  t.same(
    found.map(({ kind }) => kind),
    ['Web|direct', 'Web|direct'],
  );
  t.ok(
    factors(found).every((factor) => Math.abs(factor - 1.1) < 0.08),
    factors(found).join(),
  );
});

t.test('it is kept within 1 and 2, by client and by how the film is sent', async (t) => {
  t.same(factors(lessons(minute(() => plays(7 * M)))), [1, 1], 'a film of a slow half minute');
  t.same(factors(lessons(minute(() => plays(16.9 * M)))), [2, 2]);
  const transcode = { bps: 3 * M, videoDirect: false, audioDirect: true };
  const made = watched('anna', 3 * M, { startedAt: 0, stream: playing('anna', { client: 'TV', transcode }) });
  t.same(lessons(minute(() => plays(3.5 * M, [made])))[0], { kind: 'TV|transcode', factor: 1.1 });
  const remux = { ...made, stream: { ...made.stream, transcode: { ...transcode, videoDirect: true } } };
  t.equal(lessons(minute(() => plays(3.5 * M, [remux])))[0]?.kind, 'TV|remux');
});

const silent: Readonly<Record<string, readonly Moment[]>> = {
  'two watch': minute(() => plays(16 * M, [anna, watched('ben', 8 * M)])),
  'it is paused': minute(() => plays(8 * M, [{ ...anna, stream: { ...anna.stream, paused: true } }])),
  'it just began, or was sought': minute(() => plays(8.8 * M, [{ ...anna, startedAt: 99_000 }]), 40),
  'torrents send more than a little': minute(() => plays(10 * M, [anna], { torrentBps: 2 * M })),
  'the line is full': minute(() => plays(8.8 * M, [anna], { capacityBps: 9 * M })),
  'its rate is guessed by its height': minute(() => plays(8.8 * M, [{ ...anna, demand: { bps: 10 * M, from: 'height' } }])),
  'its server only reserves': minute(() => plays(8.8 * M, [{ ...anna, demand: { bps: 10 * M, from: 'reservation' } }])),
  'more is sent than any player takes': minute(() => plays(20 * M)),
  'its buffer is full': minute(() => plays(3 * M)),
  'it changes all the time': minute((second) =>
    plays(8.8 * M, [{ ...anna, demand: { bps: (8 + (second % 20) / 10) * M, from: 'source' } }]),
  ),
  'too few samples came': minute(() => plays(8.8 * M)).filter((_, second) => second % 4 === 0),
};
for (const [why, samples] of Object.entries(silent))
  t.test(`nothing is learned while ${why}`, async (t) => t.same(lessons(samples), []));

t.test('nothing is learned where others send much, or were never seen alone', async (t) => {
  t.same(
    lessons(
      minute(() => plays(10 * M)),
      { otherBps: 2 * M },
    ),
    [],
  );
  const late = minute(() => plays(8.8 * M));
  let memory: LearnMemory = NOTHING_LEARNED;
  for (const [second, moment] of late.entries()) {
    const next = learn(memory, { at: 100_000 + second * 1_000, torrentBps: 0, capacityBps: null, streams: [], ...moment });
    memory = next.memory;
    t.equal(next.lesson, null);
  }
});
