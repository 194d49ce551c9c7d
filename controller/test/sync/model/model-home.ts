// A home of several simulated Jellyfins and our sync between them, with everything that can go wrong, and the end of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Log, silentLog } from '../../../src/log.ts';
import type { Registers } from '../../../src/sync/state/observe.ts';
import { toRegisters } from '../../../src/sync/state/sync-tables.ts';
import { type ModelController, openModelController } from './model-controller.ts';
import { type ModelServer, PEOPLE, startModelServer } from './model-servers.ts';
import { createRecorder, type Recorder } from './recorder.ts';

export type ModelHome = AsyncDisposable & {
  readonly servers: readonly ModelServer[];
  readonly recorder: Recorder;
  controller(): ModelController;
  /** From now on everything takes its time at random, as on a busy machine; null: no more. */
  slow(random: (() => number) | null): void;
  /** It is gone at this very moment, and begins anew with what was on the disk. */
  crash(): Promise<void>;
  /** Ends all faults, and waits until nothing is left to do and a full comparing finds nothing. @throws where it does not come to rest */
  settle(): Promise<void>;
  agreed(): Promise<(person: string, item: string) => Registers>;
};

const VERSIONS = ['12.0.0', '10.11.11', '10.10.7'] as const;
const NAMES = ['attic', 'barn', 'cabin', 'den', 'eaves'] as const;
const MOST_MS = 45_000;
const [SLOW_MS, SLOWEST_MS] = [25, 100];

export async function openModelHome(options: {
  readonly count: number;
  readonly quickMs: number;
  readonly log?: Log;
  /** Before our sync sees them for the first time. */
  readonly before?: (servers: readonly ModelServer[]) => void;
}): Promise<ModelHome> {
  const root = await mkdtemp(join(tmpdir(), 'headgate-model-'));
  const recorder = createRecorder();
  let controller: ModelController | null = null;
  const door = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const heard = await controller?.hear(String(request.headers['x-model']), body).catch(() => false);
      response.writeHead(heard === true ? 200 : 503).end();
    });
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const hookUrl = `http://127.0.0.1:${(door.address() as AddressInfo).port}/webhook`;
  const servers = await Promise.all(
    NAMES.slice(0, options.count).map((name, n) =>
      startModelServer({ name, version: VERSIONS[n % VERSIONS.length] ?? '12.0.0', hookUrl }),
    ),
  );
  options.before?.(servers);
  let generation = 0;
  const folderOf = (): string => join(root, `data-${generation}`);
  let slowBy: (() => number) | null = null;
  const delay = async (): Promise<void> => {
    if (slowBy !== null) await wait(slowBy() * (slowBy() < 0.3 ? SLOWEST_MS : SLOW_MS));
  };
  const log = options.log ?? silentLog;
  const open = (): Promise<ModelController> =>
    openModelController({ folder: folderOf(), servers, recorder, quickMs: options.quickMs, log, delay });
  controller = await open();
  const current = (): ModelController => {
    if (controller === null) throw new Error('there is no controller now');
    return controller;
  };
  const home: ModelHome = {
    ...{ servers, recorder, controller: current },
    slow(random) {
      slowBy = random;
    },
    async crash() {
      const old = current();
      controller = null;
      generation += 1;
      await old.crash(folderOf());
      controller = await open();
    },
    async settle() {
      slowBy = null;
      for (const server of servers) {
        await server.turn(true);
        server.sim.clearFaults();
        await server.sim.webhooks.calm();
      }
      await settle(servers, current());
    },
    async agreed() {
      const rows = await current().db.selectFrom('sync_registers').selectAll().execute();
      const all = new Map(rows.map((row) => [`${row.person} ${row.identity}`, toRegisters(row.registers)]));
      const { identityOf } = current();
      return (person, item) => all.get(`${person} ${identityOf(servers[0]?.name ?? '', servers[0]?.itemId(item) ?? '')}`) ?? {};
    },
    async [Symbol.asyncDispose]() {
      await controller?.end();
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
      door.closeAllConnections();
      await new Promise((resolve) => door.close(resolve));
      await rm(root, { recursive: true, force: true });
    },
  };
  await home.settle();
  return home;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Nothing waits, and reading all that there is finds nothing, and then still nothing waits. */
async function settle(servers: readonly ModelServer[], controller: ModelController): Promise<void> {
  const untilMs = Date.now() + MOST_MS;
  const signal = AbortSignal.timeout(MOST_MS);
  for (;;) {
    await atRest(servers, controller, untilMs);
    let found = 0;
    for (const { name } of servers) found += await controller.sync.compareWhole(name, signal);
    if (found === 0 && (await left(servers, controller)).length === 0) return;
  }
}

async function atRest(servers: readonly ModelServer[], controller: ModelController, untilMs: number): Promise<void> {
  for (let looks = 0; ; looks += 1) {
    const waiting = await left(servers, controller);
    if (waiting.length === 0) return;
    if (Date.now() > untilMs) throw new Error(`it does not come to rest: ${waiting.slice(0, 20).join('\n')}`);
    // Whatever waits for its time: the time has come.
    await controller.db
      .updateTable('sync_queue')
      .set({ due_ms: 0 })
      .where('status', '=', 'pending')
      .where('due_ms', '>', Date.now())
      .execute();
    if (looks % 8 === 0) for (const { name } of servers) controller.sync.lookNow(name);
    await wait(10);
  }
}

async function left(servers: readonly ModelServer[], controller: ModelController): Promise<string[]> {
  await Promise.all(servers.map(({ sim }) => sim.webhooks.settled()));
  const rows = await controller.db.selectFrom('sync_queue').selectAll().execute();
  const aligned = await controller.db.selectFrom('sync_alignments').selectAll().execute();
  const [hooks, wanted] = [controller.waiting(), servers.length * PEOPLE.length];
  return [
    ...(aligned.length === wanted ? [] : [`${aligned.length} users of ${wanted} were compared`]),
    ...(hooks === 0 ? [] : [`${hooks} hooks`]),
    ...rows.map((row) => `${row.server} ${row.person} ${row.item_name}: ${row.status}, ${row.attempts} attempts, ${row.problem}`),
  ];
}
