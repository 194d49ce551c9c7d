// A day of decisions minute by minute, rehearsed and in earnest, from the same inputs: what is recorded must be the same.
import { decideCaps, NOTHING_DECIDED } from '../../controller/src/bandwidth/decide-caps.ts';
import type { Decision, DecisionInput } from '../../controller/src/bandwidth/decision.ts';
import { recordDecision } from '../../controller/src/bandwidth/record-decision.ts';
import { silentLog } from '../../controller/src/log.ts';
import { input, M, SETTINGS, torrent, watched } from '../../controller/test/bandwidth/fixtures/decision-input.ts';
import { seededRandom } from '../../controller/test/fixtures/seeded-random.ts';

const MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

/** How many of a day's records differ, and how many there are. */
export async function rehearsedDecisions(seed: number): Promise<{ readonly differing: number; readonly recorded: number }> {
  const rehearsed = await recordsOf(seed, true);
  const real = await recordsOf(seed, false);
  const longest = Math.max(rehearsed.length, real.length);
  const differing = Array.from({ length: longest }, (_, i) => i).filter((i) => rehearsed[i] !== real[i]).length;
  return { differing, recorded: longest };
}

/** What the store was given, without the id. */
async function recordsOf(seed: number, dryRun: boolean): Promise<readonly string[]> {
  const random = seededRandom(seed);
  const records: string[] = [];
  const store = {
    add: async ({ id: _, ...record }: { readonly id: string }): Promise<void> => void records.push(JSON.stringify(record)),
    latest: async () => [],
  };
  let memory = NOTHING_DECIDED;
  let before: Decision | null = null;
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const given = inputAt(minute, random, dryRun);
    const { decision, memory: next } = decideCaps(given, memory);
    recordDecision({
      before,
      decision,
      input: given,
      utcNow: given.utcNow,
      id: () => '',
      store,
      numbers: () => '',
      log: silentLog,
      tell: () => {},
    });
    memory = next;
    before = decision;
  }
  return records;
}

/** Now nobody, now one or two people; other traffic comes and goes; the router is silent for a while now and then. */
function inputAt(minute: number, random: () => number, dryRun: boolean): DecisionInput {
  const now = minute * MINUTE_MS;
  const streams = ['anna', 'ben']
    .filter(() => random() < 0.4)
    .map((user) => watched(user, Math.ceil(random() * 20 * M), { startedAt: now }));
  const torrents = ['qbit', 'deluge'].map((name) => torrent(name, { uploadBps: random() < 0.5 ? 5 * M : 0 }));
  const [otherBps, otherDownBps] = [Math.round(random() * 20 * M), Math.round(random() * 150 * M)];
  return input(
    { now, utcNow: now, streams, torrents, otherBps, otherDownBps, routerSilentMs: random() < 0.05 ? 50_000 : 0 },
    { dryRun, torrents: { ...SETTINGS.torrents, share: 'activity', limitDownloads: 'streaming', pauseBelowBps: 3 * M } },
  );
}
