// What fails and when it is tried again: the whole node in this process, real HTTP, a clock that the test moves.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@headgate/agent-router/agent-ground';
import t from 'tap';
import { createFakeClock } from '../../../agent-router/test/fake-clock.ts';
import { openAgent } from '../../src/agent.ts';
import { loadConfig } from '../../src/config.ts';
import { until } from '../node-home.ts';
import { bytesOf, type ShareServer, startShareServer } from '../share-server.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;

async function nodeOf(server: ShareServer, environment: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-queue-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const config = loadConfig(undefined, {
    ...{
      MANIFEST_URL: `${server.url}/manifest/family.json`,
      DOWNLOAD_DIR: folder,
      MIN_FREE_GB: '0',
      HEADGATE_NODE_MANIFESTS_TOKEN: server.token,
    },
    ...environment,
  });
  const clock = createFakeClock();
  const agent = await openAgent({ config, clock, random: () => 0.5, log: silentLog, dryRun: false, engine: null });
  const row = () => agent.board.rows()[0];
  /** Moves time in steps, so that real answers come in between. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1_000) await clock.advance(Math.min(1_000, left));
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  return { agent, clock, row, pass };
}

t.test('row 233: three tries with 30 s and 60 s between them, then rounds that grow', async (t) => {
  await using server = await startShareServer();
  server.publish('family', [server.share(`${'a'.repeat(40)}/a.mkv`, bytesOf(10_000))]);
  const tries = (): number => server.countOf('/web-seed');
  server.intercept = ({ url }, response) => {
    if (!url?.startsWith('/web-seed')) return false;
    response.writeHead(416).end();
    return true;
  };
  const { agent, clock, row, pass } = await nodeOf(server);
  await using _ = agent;
  await agent.followers[0]?.refresh(never);
  await agent.reconcile(never);
  for (const [done, wait] of [
    [1, 30_000],
    [2, 60_000],
  ] as const) {
    await until(`try ${done}`, () => tries() === done && clock.sleeping() === 1);
    t.equal(row()?.state, 'waiting');
    await clock.advance(wait - 1);
    t.equal(tries(), done);
    await clock.advance(1);
  }
  await until('the end of the round', () => row()?.state === 'failed');
  t.equal(tries(), 3);
  t.match(row(), { isMissed: true, problem: /another size/ });
  await pass(9 * MINUTE);
  agent.queue.look();
  t.equal(tries(), 3, 'not before ten minutes');
  server.intercept = () => false;
  await pass(2 * MINUTE);
  agent.queue.look();
  await until('placed', () => row()?.state === 'placed');
  t.equal(agent.state.placed().length, 1);
});

t.test('row 212: wrong bytes wait for an hour, then for two, and the alarm is gone when they are right', async (t) => {
  await using server = await startShareServer();
  const film = bytesOf(10_000);
  const item = server.share(`${'a'.repeat(40)}/a.mkv`, bytesOf(10_000, 'wrong'));
  server.publish('family', [
    server.share(`${'b'.repeat(40)}/a.mkv`, film, { torrent: item.torrent, info_hash: item.info_hash ?? '' }),
  ]);
  const { agent, row, pass } = await nodeOf(server);
  await using _ = agent;
  await agent.followers[0]?.refresh(never);
  const round = async (): Promise<void> => {
    await agent.reconcile(never);
    await agent.queue.idle();
  };
  await round();
  t.match(row(), { state: 'quarantined', isMissed: true, problem: /sha256/ });
  const asked = server.countOf('/web-seed');
  await pass(59 * MINUTE);
  await round();
  t.equal(server.countOf('/web-seed'), asked);
  await pass(2 * MINUTE);
  await round();
  t.equal(server.countOf('/web-seed'), asked + 1);
  await pass(119 * MINUTE);
  await round();
  t.equal(server.countOf('/web-seed'), asked + 1, 'the second time it waits for two hours');
  server.share(`${'a'.repeat(40)}/a.mkv`, film);
  await pass(2 * MINUTE);
  await round();
  t.match(row(), { state: 'placed', isMissed: false, problem: null });
});

t.test('a dead item holds up nobody, and one that is dropped while it comes is stopped', async (t) => {
  await using server = await startShareServer();
  const items = ['a', 'b', 'c'].map((name) => server.share(`${name.repeat(40)}/${name}.mkv`, bytesOf(10_000, name)));
  server.publish('family', items);
  server.intercept = ({ url }) => url?.includes('aaaa') === true;
  const { agent } = await nodeOf(server);
  await using _ = agent;
  await agent.followers[0]?.refresh(never);
  await agent.reconcile(never);
  await until('the others', () => agent.state.placed().length === 2);
  t.equal(agent.board.rows().find(({ path }) => path === 'Films/a.mkv')?.state, 'downloading');
  server.publish('family', items.slice(1));
  await agent.followers[0]?.refresh(never);
  await agent.reconcile(never);
  await agent.queue.idle();
  t.same(
    agent.board.rows().map(({ path, state }) => [path, state]),
    [
      ['Films/b.mkv', 'placed'],
      ['Films/c.mkv', 'placed'],
    ],
  );
});
