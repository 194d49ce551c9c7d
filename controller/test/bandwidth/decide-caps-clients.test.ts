// What holds of all download clients together, whatever happens to a home.
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../src/bandwidth/decide-caps.ts';
import type { DecisionInput, TorrentCap } from '../../src/bandwidth/decision.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { input, M, SETTINGS, torrent, watched } from './fixtures/decision-input.ts';

const NAMES = ['qbit', 'deluge', 'transmission', 'sab'];
const LEAST = 64_000;

/** A home of one moment: streams, other traffic, silence and what each client moves. */
function moment(random: () => number, now: number, settings: DecisionInput['settings']): DecisionInput {
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const ceiling = (): number => pick(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 20_000 + random() * 9 * M);
  return input({
    now,
    settings,
    streams: random() < 0.6 ? [watched('anna', random() * 30 * M)] : [],
    capacityUpBps: random() < 0.05 ? null : 40 * M,
    capacityDownBps: random() < 0.2 ? null : 200 * M,
    otherBps: random() * 30 * M,
    otherDownBps: random() * 210 * M,
    routerSilentMs: pick(0, 0, 0, 30_000, 90_000),
    torrents: NAMES.map((name) =>
      torrent(name, {
        uploads: name !== 'sab',
        mode: pick('normal', 'normal', 'normal', 'alternative', null),
        uploadBps: pick(0, 0, 40_000, 5 * M),
        downloadBps: pick(0, 0, 40_000, 50 * M),
        ceilingBps: { normal: ceiling(), alternative: ceiling() },
        downloadCeilingBps: random() < 0.1 ? null : { normal: ceiling(), alternative: ceiling() },
      }),
    ),
  });
}

const sumOf = (caps: readonly TorrentCap[]): number => caps.reduce((sum, { capBps }) => sum + (capBps ?? 0), 0);

for (const share of ['activity', 'fixed'] as const)
  t.test(`${share}: no limit is 0 or looser than its user's, all together fit, for 500 days`, async (t) => {
    const random = seededRandom(share === 'activity' ? 183 : 184);
    const wrong: string[] = [];
    for (let day = 0; day < 500; day += 1) {
      let memory = NOTHING_DECIDED;
      const client = () => ({ whileStreamingBps: null, whenIdleBps: null, weight: 0.1 + random() * 5 });
      const settings: DecisionInput['settings'] = {
        ...SETTINGS,
        torrents: { share, limitDownloads: 'always', downloadFloorBps: M, downloadReserve: { bps: 5 * M }, pauseBelowBps: 3 * M },
        torrentClients: Object.fromEntries(NAMES.map((name) => [name, client()])),
      };
      for (let second = 0; second < 60; second += 1) {
        const given = moment(random, second * 7_000, settings);
        const { decision, memory: next } = decideCaps(given, memory);
        memory = next;
        const ceilings = new Map(given.torrents.map((one) => [one.client, one]));
        for (const [caps, side] of [
          [decision.torrents, 'ceilingBps'],
          [decision.downloads, 'downloadCeilingBps'],
        ] as const)
          for (const { client: name, mode, capBps } of caps) {
            const most = ceilings.get(name)?.[side]?.[mode] ?? Number.NaN;
            if (capBps !== null && !(Number.isSafeInteger(capBps) && capBps >= 1 && capBps < most))
              wrong.push(`${name} ${side} ${mode} ${capBps} of ${most}`);
          }
        const room = Math.max(decision.budget?.torrentsBps ?? 0, settings.torrentFloorBps) + NAMES.length * LEAST;
        // When the last viewer has just left, what stood is let go of and not followed.
        if (decision.counted > 0 && sumOf(decision.torrents) > room)
          wrong.push(`${sumOf(decision.torrents)} to send, ${room} are there`);
        const known = given.capacityDownBps !== null && decision.mode !== 'unknown';
        const down = Math.max(M, 195 * M - (given.otherDownBps ?? 0)) + NAMES.length * LEAST;
        if (known && sumOf(decision.downloads) > down) wrong.push(`${sumOf(decision.downloads)} to fetch, ${down} are there`);
        if (decision.pausedClients.includes('sab')) wrong.push('a client that sends nothing is stopped');
        if (decision.mode === 'unknown' && sumOf([...decision.torrents, ...decision.downloads]) > 0)
          wrong.push('limits of nothing');
      }
    }
    t.same(wrong.slice(0, 5), []);
  });
