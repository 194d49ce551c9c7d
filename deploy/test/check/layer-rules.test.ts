// Each rule on who may import whom: what it allows, and what it refuses.
import t from 'tap';
import { layerFaults } from '../../check/layer-rules.ts';
import { readSource } from '../../check/read-source.ts';

const faults = (path: string, ...lines: readonly string[]) =>
  layerFaults([readSource(path, `// A file.\n${lines.join('\n')}\n`)]);
const from = (specifier: string) => `import { x } from '${specifier}';`;

const ALLOWED: readonly [path: string, specifier: string][] = [
  ['protocol/src/a.ts', 'zod/mini'],
  ['protocol/src/a.ts', './b.ts'],
  ['agent-router/src/a.ts', 'zod/mini'],
  ['agent-router/src/a.ts', '@headgate/protocol'],
  ['agent-node/src/report/a.ts', '../torrent/open-torrent-engine.ts'],
  ['agent-node/src/torrent/engine-client.ts', 'webtorrent'],
  ['agent-node/src/a.ts', '@headgate/agent-router/agent-ground'],
  ['agent-router/src/router/a.ts', '../ground/log.ts'],
  ['agent-router/src/ground/a.ts', './log.ts'],
  ['agent-router/src/ground/a.ts', 'yaml'],
  ['controller/src/bandwidth/a.ts', '@headgate/protocol'],
  ['controller/src/wiring/a.ts', '@headgate/agent-node/torrent-engine'],
  ['controller/src/bandwidth/allocators/a.ts', '../b.ts'],
  ['controller/src/bandwidth/a.ts', '../errors.ts'],
  ['controller/src/bandwidth/a-routes.ts', '../http/route.ts'],
  ['controller/src/bandwidth/a.ts', '../neighbours/media-server.ts'],
  ['controller/src/deluge/a.ts', '../neighbours/poll-client.ts'],
  ['controller/src/neighbours/a.ts', '../http-client/open-http-client.ts'],
  ['controller/src/bandwidth/a-store.ts', 'kysely'],
  ['controller/src/qbittorrent/a.ts', '../http-client/open-http-client.ts'],
  ['controller/src/qbittorrent/open-web-api.ts', '../clock.ts'],
  ['controller/src/broker/a.ts', '../config/secret.ts'],
  ['controller/src/run-controller.ts', './bandwidth/a.ts'],
  ['controller/src/run-controller.ts', './wiring/a.ts'],
  ['controller/src/wiring/a.ts', '../jellyfin/b.ts'],
  ['controller/src/main.ts', './run-controller.ts'],
  ['controller/src/bandwidth/bandwidth-api.ts', 'zod'],
  ['controller/src/bandwidth/bandwidth-api.ts', '@headgate/protocol'],
  ['controller/src/channels/channels-api.ts', './values-api.ts'],
  ['controller/web/pages/a.ts', '../../src/bandwidth/bandwidth-api.ts'],
  ['controller/web/pages/a.ts', 'preact'],
  ['controller/test/bandwidth/a.test.ts', '../../../deploy/demo/jellyfin/jellyfin-simulator.ts'],
  ['deploy/bench/a.bench.ts', '../../controller/src/bandwidth/a.ts'],
  ['deploy/bench/a.bench.ts', '../../controller/test/database/a.ts'],
];

const REFUSED: readonly [path: string, specifier: string, fault: RegExp][] = [
  ['protocol/src/a.ts', 'zod', /protocol imports zod/],
  ['protocol/src/a.ts', 'node:fs', /protocol imports node:fs/],
  ['protocol/src/a.ts', 'mqtt', /protocol imports mqtt/],
  ['protocol/src/a.ts', '@headgate/controller', /protocol imports @headgate\/controller/],
  ['protocol/src/a.ts', '../../controller/src/log.ts', /protocol imports controller\/src\/log\.ts/],
  ['protocol/src/a.ts', '@headgate/agent-node/torrent-engine', /protocol imports @headgate\/agent-node/],
  ['agent-router/src/a.ts', '@headgate/agent-node/torrent-engine', /agent-router imports @headgate\/agent-node/],
  ['controller/src/wiring/a.ts', '@headgate/agent-node', /controller imports @headgate\/agent-node/],
  ['controller/src/wiring/a.ts', '@headgate/agent-node/torrent-engine/deeper', /controller imports @headgate\/agent-node/],
  ['controller/src/wiring/a.ts', '../../../agent-node/src/torrent/torrent-engine.ts', /controller imports agent-node\/src/],
  ['controller/src/wiring/a.ts', 'webtorrent', /imports webtorrent/],
  ['agent-node/src/library/a.ts', 'webtorrent', /imports webtorrent/],
  ['agent-node/src/a.ts', '@headgate/agent-router', /agent-node imports @headgate\/agent-router/],
  ['agent-node/src/a.ts', '@headgate/agent-router/agent-ground/deeper', /agent-node imports @headgate\/agent-router/],
  ['agent-node/src/a.ts', '../../agent-router/src/ground/log.ts', /agent-node imports agent-router\/src\/ground/],
  ['agent-node/src/a.ts', '../../agent-router/src/router/router.ts', /agent-node imports agent-router\/src\/router/],
  ['controller/src/wiring/a.ts', '@headgate/agent-router/agent-ground', /controller imports @headgate\/agent-router/],
  ['protocol/src/a.ts', '@headgate/agent-router/agent-ground', /protocol imports @headgate\/agent-router/],
  ['agent-router/src/ground/a.ts', '../router/router.ts', /the ground of all agents imports agent-router\/src\/router/],
  ['agent-router/src/ground/a.ts', 'ssh2', /the ground of all agents imports ssh2/],
  ['agent-router/src/a.ts', 'zod', /zod\/mini keeps its bundle small/],
  ['agent-router/src/a.ts', '@headgate/controller', /agent-router imports @headgate\/controller/],
  ['agent-router/src/a.ts', '../../protocol/src/units.ts', /agent-router imports protocol\/src\/units\.ts/],
  ['controller/src/bandwidth/a.ts', '../../../deploy/demo/run-demo.ts', /controller imports deploy\/demo/],
  ['controller/src/bandwidth/a.ts', '../../test/b.ts', /controller imports controller\/test\/b\.ts/],
  ['controller/src/bandwidth/a.ts', '../telemetry/b.ts', /feature bandwidth imports feature telemetry/],
  ['controller/src/bandwidth/a.ts', '../jellyfin/b.ts', /feature bandwidth imports controller\/src\/jellyfin/],
  ['controller/src/bandwidth/a.ts', '../database/open-database.ts', /feature bandwidth imports controller\/src\/database/],
  ['controller/src/bandwidth/a.ts', '../http/auth.ts', /feature bandwidth imports controller\/src\/http\/auth\.ts/],
  ['controller/src/bandwidth/a.ts', '../http-client/b.ts', /feature bandwidth imports controller\/src\/http-client/],
  ['controller/src/broker/a.ts', '../config/load-config.ts', /parts are joined by run-controller/],
  ['controller/src/bandwidth/a.ts', '../wiring/b.ts', /bandwidth imports .*wiring/],
  ['controller/src/bandwidth/a.ts', '../run-controller.ts', /bandwidth imports controller\/src\/run-controller\.ts/],
  ['controller/src/anything-new/a.ts', '../telemetry/b.ts', /feature anything-new imports feature telemetry/],
  ['controller/src/jellyfin/a.ts', '../bandwidth/b.ts', /jellyfin imports feature bandwidth/],
  ['controller/src/jellyfin/a.ts', '../qbittorrent/b.ts', /parts are joined by run-controller/],
  ['controller/src/sabnzbd/a.ts', '../deluge/b.ts', /parts are joined by run-controller/],
  ['controller/src/neighbours/a.ts', '../bandwidth/b.ts', /neighbours imports feature bandwidth/],
  ['controller/src/neighbours/a.ts', '../plex/b.ts', /parts are joined by run-controller/],
  ['controller/src/log.ts', './bandwidth/b.ts', /imports feature bandwidth/],
  ['controller/src/clock.ts', './run-controller.ts', /the wiring is imported by nobody/],
  ['controller/src/bandwidth/bandwidth-api.ts', './decide-caps.ts', /an -api file imports \.\/decide-caps\.ts/],
  ['controller/src/bandwidth/bandwidth-api.ts', 'kysely', /an -api file imports kysely/],
  ['controller/src/channels/schedules-api.ts', './planner.ts', /an -api file imports \.\/planner\.ts/],
  ['controller/web/pages/a.ts', '../../src/bandwidth/decide-caps.ts', /only -api files/],
  ['deploy/demo/a.ts', '../test/check/plant-tree.ts', /tests are imported by tests/],
];

t.test('what goes downwards is allowed', async (t) => {
  for (const [path, specifier] of ALLOWED) t.same(faults(path, from(specifier)), [], `${path} imports ${specifier}`);
});

t.test('what goes sideways or upwards is refused, in every form of import', async (t) => {
  for (const [path, specifier, fault] of REFUSED) {
    const forms = [
      from(specifier),
      from(specifier).replace('import', 'import type'),
      from(specifier).replace('import', 'export'),
      `export type X = import('${specifier}').X;`,
      `void import('${specifier}');`,
    ];
    for (const form of forms) t.match(faults(path, form), [fault], `${path}: ${form}`);
  }
});

t.test('only what wires a program may use more than eight own files', async (t) => {
  const nine = Array.from({ length: 9 }, (_, i) => from(`./part-${i}.ts`));
  t.match(faults('controller/src/bandwidth/a.ts', ...nine), [/uses 9 own files/]);
  t.same(faults('controller/src/bandwidth/a.ts', ...nine.slice(1), from('../errors.ts'), from('kysely')), []);
  t.same(faults('controller/src/bandwidth/a.ts', ...nine.map((line) => line.replace('import', 'import type'))), []);
  for (const path of ['controller/src/run-controller.ts', 'controller/src/wiring/a.ts', 'agent-router/src/agent.ts'])
    t.same(faults(path, ...nine), [], path);
  t.same(faults('protocol/src/index.ts', ...nine.map((line) => line.replace('import', 'export'))), []);
});

t.test('a pure file has no clock, no log, no waiting, no chance and no Node', async (t) => {
  const pure = (line: string, first = '// Pure: decides.') =>
    layerFaults([readSource('controller/src/bandwidth/a.ts', `${first}\n${line}\n`)]);
  const impure = [
    "import { join } from 'node:path';",
    "import { systemClock } from '../clock.ts';",
    "import { silentLog } from '../log.ts';",
    'await null;',
    'for await (const x of []) {}',
    'await using a = b;',
    'export const f = () => Date.now();',
    'export const f = () => new Date();',
    'export const f = () => Math.random();',
    'export const f = () => performance.now();',
    'setTimeout(() => {}, 1);',
  ];
  for (const line of impure) {
    t.equal(pure(line).length, 1, line);
    t.equal(pure(line, '// Decides what is due. Pure. Written for tests.').length, 1, line);
    t.equal(pure(line, '// Asks the pure decision.').length, 0, line);
  }
  const node = readSource('agent-node/src/a.ts', `// Pure: decides.\n${from('@headgate/agent-router/agent-ground')}\n`);
  t.match(layerFaults([node]), [/a pure file imports @headgate\/agent-router/]);
  t.same(pure("import type { Clock } from '../clock.ts';\nexport const day = (at: number) => new Date(at);"), []);
});

t.test('a file that does not parse is a fault, not a file without imports', async (t) => {
  t.match(faults('protocol/src/a.ts', 'import {'), [/^protocol\/src\/a\.ts:1: /]);
});
