// What /readyz calls well: a table.
import t from 'tap';
import type { BandwidthStatus } from '../../src/bandwidth/bandwidth-status.ts';
import { type ReadyInput, readyChecks } from '../../src/wiring/readiness.ts';

const health = (state: 'live' | 'polling' | 'starting' | 'unreachable' | 'refused', problem: string | null = null) => ({
  state,
  since: 5,
  problem,
});
const well = {
  uplink: { reading: { router: 'r', wan: 'w' }, silentMs: 900 },
  capacityUpBps: 20_000_000,
  mediaServers: [{ name: 'main', health: health('live') }],
  torrentClients: [{ name: 'qbit', health: health('live') }],
};
const shared = { runs: true, seederProblem: null, nodesProblem: null };
const failing = (change: object, rest: Partial<ReadyInput> = {}): readonly string[] =>
  readyChecks({
    status: { ...well, ...change } as unknown as BandwidthStatus,
    mqtt: { state: 'live', since: 1, problem: null },
    databaseProblems: [],
    channelProblems: [],
    syncRuns: null,
    distribution: null,
    startedAt: 1_000,
    now: 100_000,
    ...rest,
  })
    .filter(({ ok }) => !ok)
    .map(({ name, problem }) => `${name}: ${problem}`);

t.test('what is not well is named with its reason', async (t) => {
  for (const [name, faults, says] of [
    ['all is well', failing({}), []],
    ['polling is well', failing({ mediaServers: [{ name: 'main', health: health('polling') }] }), []],
    ['no router agent, a typed capacity', failing({ uplink: { reading: null, silentMs: null } }), []],
    ['15 s of silence are borne', failing({ uplink: { ...well.uplink, silentMs: 15_000 } }), []],
    ['a silent router', failing({ uplink: { ...well.uplink, silentMs: 16_200 } }), ['router: no sample for 16 s']],
    ['no capacity', failing({ capacityUpBps: null }), [/^capacity: .*uplink\.upload/]],
    ['a server that was never heard', failing({ mediaServers: [{ name: 'main', health: null }] }), ['main: not heard yet']],
    [
      'a refused client',
      failing({ torrentClients: [{ name: 'qbit', health: health('refused', 'wrong password') }] }),
      ['qbit: wrong password'],
    ],
    [
      'a broker that is away',
      failing({}, { mqtt: { state: 'unreachable', since: 1, problem: 'no answer' } }),
      ['mqtt: no answer'],
    ],
    ['a damaged database', failing({}, { databaseProblems: ['one record was lost'] }), ['database: one record was lost']],
    ['sync works', failing({}, { syncRuns: true }), []],
    ['all that is shared is seeded', failing({}, { distribution: shared }), []],
    [
      'nobody looks after seeds',
      failing({}, { distribution: { ...shared, runs: false } }),
      ['distribution: nobody looks after what is shared'],
    ],
    [
      'a file that is gone and a node that is off',
      failing(
        {},
        { distribution: { ...shared, seederProblem: '1 of 2 seeds: /a: it is gone', nodesProblem: '1 of 2 silent: pi' } },
      ),
      ['seeder: 1 of 2 seeds: /a: it is gone', 'nodes: 1 of 2 silent: pi'],
    ],
    ['nobody works on hooks', failing({}, { syncRuns: false }), ['sync: nobody works on what servers send']],
  ] as const) {
    t.equal(faults.length, says.length, `${name}: ${faults.join('; ')}`);
    for (const [i, sentence] of says.entries()) t.match(faults[i], sentence, name);
  }
});

t.test('a silent router is told since when', async (t) => {
  const checks = readyChecks({
    status: { ...well, uplink: { ...well.uplink, silentMs: 40_000 } } as unknown as BandwidthStatus,
    mqtt: { state: 'live', since: 1, problem: null },
    databaseProblems: [],
    channelProblems: [],
    syncRuns: null,
    distribution: null,
    startedAt: 1_000,
    now: 100_000,
  });
  t.equal(checks.find(({ name }) => name === 'router')?.since, 60_000);
});

t.test('row 273: only our store and our worker are required; servers, clients and the router are told of', async (t) => {
  const checks = readyChecks({
    status: well as unknown as BandwidthStatus,
    mqtt: { state: 'live', since: 1, problem: null },
    databaseProblems: [],
    channelProblems: [],
    syncRuns: true,
    distribution: { runs: true, seederProblem: null, nodesProblem: null },
    startedAt: 1_000,
    now: 100_000,
  });
  t.same(
    checks.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    ['database', 'sync', 'distribution'],
  );
  t.match(
    checks.map(({ name }) => name),
    ['database', 'mqtt', 'router', 'capacity', 'channels', 'sync', 'distribution', 'seeder', 'nodes', 'main', 'qbit'],
  );
});
