// What becomes of a change whose item a server does not have.
import t from 'tap';
import { nextAbsentTry, policyFor } from '../../../src/sync/index/path-policies.ts';

const policies = [
  { prefix: '/tv', absentRetryCount: 3, retryDelayMs: 60_000 },
  { prefix: '/tv/kids/', absentRetryCount: 0, retryDelayMs: 5_000 },
  { prefix: '/films', absentRetryCount: -1, retryDelayMs: 300_000 },
  { prefix: '/home-videos', absentRetryCount: 3, retryDelayMs: 1_000, ignore: true },
];
const NOW = Date.UTC(2026, 10, 21);

t.test('row 268: the longest prefix wins, at borders of folders', async (t) => {
  t.same(policyFor('/tv/A/1.mkv', policies), { kind: 'retry', times: 3, delayMs: 60_000 });
  t.same(policyFor('/tv/kids/B/1.mkv', policies), { kind: 'retry', times: 0, delayMs: 5_000 });
  t.same(policyFor('/tv/kids', policies), { kind: 'retry', times: 0, delayMs: 5_000 });
  t.same(policyFor('/tv2/A/1.mkv', policies), { kind: 'wait' }, '"/tv" does not match "/tv2"');
  t.same(policyFor('/tv/kidsroom/1.mkv', policies), { kind: 'retry', times: 3, delayMs: 60_000 });
  t.same(policyFor('\\tv\\A\\1.mkv', policies), { kind: 'retry', times: 3, delayMs: 60_000 });
  t.same(policyFor('/home-videos/x.mkv', policies), { kind: 'ignore' });
  t.same(policyFor('/music/x.flac', policies), { kind: 'wait' });
  t.same(policyFor(null, policies), { kind: 'wait' });
  const everything = [...policies, { prefix: '/', absentRetryCount: 1, retryDelayMs: 1 }];
  t.same(policyFor('/music/x.flac', everything), { kind: 'retry', times: 1, delayMs: 1 });
  t.same(policyFor('/tv/A/1.mkv', everything), { kind: 'retry', times: 3, delayMs: 60_000 });
});

/** Tries that find nothing, until there is no other; their distances. */
function triesOf(path: string, most = 1_000) {
  const policy = policyFor(path, policies);
  const waits: number[] = [];
  let now = NOW;
  for (let tries = 0; tries < most; tries += 1) {
    const step = nextAbsentTry(policy, tries, now);
    if (step.next !== 'try') return { end: step.next, waits };
    waits.push(step.atMs - now);
    now = step.atMs;
  }
  return { end: 'never', waits };
}

t.test('row 269: absent_retry_count 0 is one try, n is n more, -1 is for ever', async (t) => {
  t.same(triesOf('/tv/kids/1.mkv'), { end: 'dead-letter', waits: [0] });
  t.same(triesOf('/tv/1.mkv'), { end: 'dead-letter', waits: [0, 60_000, 60_000, 60_000] });
  t.match(triesOf('/films/A.mkv', 500), { end: 'never', waits: { length: 500 } });
  t.same(triesOf('/home-videos/x.mkv'), { end: 'drop', waits: [] });
  t.same(triesOf('/music/x.flac'), { end: 'wait', waits: [] }, 'no policy: the index says when it is there, nobody asks');
});

t.test('row 270: tries are retry_delay_seconds apart', async (t) => {
  t.same(triesOf('/films/A.mkv', 3).waits, [0, 300_000, 300_000]);
});
