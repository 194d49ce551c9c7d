// Restarts, kills, faults: what the server shows meanwhile, what it keeps, and what it forgets.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { ask, listen, until } from './authorized-fetch.ts';

type Probe = { readonly status: number | null; readonly type: string; readonly body: string };

async function probe(url: string): Promise<Probe> {
  try {
    const response = await fetch(url);
    return { status: response.status, type: response.headers.get('content-type') ?? '', body: await response.text() };
  } catch {
    return { status: null, type: '', body: '' };
  }
}

/** The kinds of answers that /health gave, in order, each once in a row. */
const stageOf = ({ status, type, body }: Probe) => (status === null ? 'refused' : `${status} ${type} ${body}`);

const recorded = (
  JSON.parse(readFileSync(new URL('../../recordings/jellyfin/restart.json', import.meta.url), 'utf8')) as {
    path?: string;
    status?: number;
    type?: string;
    body?: string;
  }[]
)
  .filter((entry) => entry.path === '/health')
  .map((entry) => (entry.status === undefined ? 'refused' : `${entry.status} ${entry.type} ${entry.body}`));

t.test(
  'a restart shows the stages of the recorded one, keeps users and policies, and forgets sessions and sockets',
  async (t) => {
    await using sim = await startJellyfinSimulator({ restartMs: 2_500, users: [{ name: 'anna' }] });
    await using socket = await listen(sim.url, sim.apiKey);
    sim.editPolicy('anna', { RemoteClientBitrateLimit: 3_000_000 });
    const stages = [stageOf(await probe(`${sim.url}/health`))];
    let camelCase = '';
    t.equal((await ask(`${sim.url}/System/Restart`, 'POST', sim.apiKey)).status, 204);
    await until('healthy again', async () => {
      const stage = stageOf(await probe(`${sim.url}/health`));
      if (stage.includes('Degraded') && camelCase === '') camelCase = (await probe(`${sim.url}/System/Info/Public`)).body;
      if (stage !== stages.at(-1)) stages.push(stage);
      return stages.length > 2 && stage.includes('Healthy');
    });
    const answered = (list: readonly string[]) => list.filter((stage) => stage !== 'refused');
    t.same(answered(stages), answered(recorded));
    // Refusals between the stages are short: a busy machine may miss one, but not all.
    t.ok(stages.includes('refused'));
    t.match(JSON.parse(camelCase), {
      serverName: 'simulated',
      version: '12.0.0',
      id: sim.serverId,
      startupWizardCompleted: false,
    });
    t.ok(socket.closed());
    t.equal(socket.count('ServerRestarting'), 1);
    t.equal(sim.sessions().length, 0);
    t.equal(sim.limitOf('anna'), 3_000_000);
  },
);

t.test('10.10 has no start-up server', async (t) => {
  await using sim = await startJellyfinSimulator({ version: '10.10.7', restartMs: 1_000 });
  const seen = new Set<string>();
  let done = false;
  const restart = sim.restart().finally(() => {
    done = true;
  });
  await until('healthy again', async () => {
    seen.add(stageOf(await probe(`${sim.url}/health`)));
    return done;
  });
  await restart;
  t.ok([...seen].some((stage) => stage.startsWith('503 text/html')));
  t.notOk([...seen].some((stage) => stage.includes('Degraded')));
});

t.test(
  'power off refuses every connection until power on, at the same address; ending it during a restart ends it at once',
  async (t) => {
    await using sim = await startJellyfinSimulator({ restartMs: 60_000 });
    await sim.powerOff();
    t.equal(stageOf(await probe(`${sim.url}/health`)), 'refused');
    await sim.powerOn();
    t.equal(stageOf(await probe(`${sim.url}/health`)), '200 text/plain Healthy');
    const restart = sim.restart();
    await until('down', async () => stageOf(await probe(`${sim.url}/health`)) === 'refused');
    await sim[Symbol.asyncDispose]();
    await restart;
    t.equal(stageOf(await probe(`${sim.url}/health`)), 'refused');
  },
);

async function run(
  t: { teardown(end: () => void): void },
  file: string,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const main = fileURLToPath(new URL('../../../demo/jellyfin/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0', '--key', 'a'.repeat(32), '--users', '2', '--state', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout as NodeJS.EventEmitter, 'data')) as [Buffer];
  return { url: (JSON.parse(String(line)) as { url: string }).url, child };
}

t.test('a process that is killed comes back with its users, policies and keys', async (t) => {
  const file = join(t.testdir(), 'state.json');
  const first = await run(t, file);
  const users = async (url: string) =>
    (await ask(`${url}/Users`, 'GET', 'a'.repeat(32))).json as { Id: string; Name: string; Policy: Record<string, unknown> }[];
  const user = (await users(first.url)).find((one) => one.Name === 'user-002');
  await ask(`${first.url}/Users/${user?.Id}/Policy`, 'POST', 'a'.repeat(32), {
    ...user?.Policy,
    RemoteClientBitrateLimit: 7_500_000,
  });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const second = await run(t, file);
  const after = (await users(second.url)).find((one) => one.Id === user?.Id);
  t.equal(after?.Policy['RemoteClientBitrateLimit'], 7_500_000);
  t.equal((await users(second.url)).length, 3);
  second.child.kill('SIGTERM');
  t.same(await once(second.child, 'exit'), [0, null]);
});

t.test('faults meet the next matching requests only, and the log tells what changed something', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  const anna = sim.users.byName('anna');
  const write = (limit: number) =>
    ask(`${sim.url}/Users/${anna?.id}/Policy`, 'POST', sim.apiKey, { ...anna?.policy, RemoteClientBitrateLimit: limit });
  sim.inject({ method: 'POST', path: /\/Policy$/, times: 2, answer: 500 });
  sim.inject({ method: 'POST', path: /\/Policy$/, answer: 'lost' });
  t.equal((await write(1)).status, 500);
  t.equal((await write(2)).status, 500);
  t.equal(sim.limitOf('anna'), 0);
  await t.rejects(write(3), 'the answer is lost, not the work');
  t.equal(sim.limitOf('anna'), 3);
  t.equal((await write(4)).status, 204);
  await ask(`${sim.url}/Users`, 'GET', sim.apiKey);
  t.same(
    sim.requests().map(({ method, status, changing, by }) => [method, status, changing, by]),
    [
      ['POST', 500, true, 'key'],
      ['POST', 500, true, 'key'],
      ['POST', 204, true, 'key'],
      ['POST', 204, true, 'key'],
      ['GET', 200, false, 'key'],
    ],
  );
  sim.setLatency(150);
  const before = performance.now();
  await ask(`${sim.url}/Users`, 'GET', sim.apiKey);
  t.ok(performance.now() - before >= 145);
});

t.test('two concurrent writers: the last one wins whole, with 204 for both', async (t) => {
  await using sim = await startJellyfinSimulator({ users: [{ name: 'anna' }] });
  const anna = sim.users.byName('anna');
  const before = { ...anna?.policy };
  const url = `${sim.url}/Users/${anna?.id}/Policy`;
  t.equal((await ask(url, 'POST', sim.apiKey, { ...before, RemoteClientBitrateLimit: 5 })).status, 204);
  t.equal((await ask(url, 'POST', sim.apiKey, { ...before, BlockedTags: ['x'] })).status, 204);
  t.match(sim.users.byName('anna')?.policy, { RemoteClientBitrateLimit: 0, BlockedTags: ['x'] });
});

t.test('the versions differ in which tokens they take', async (t) => {
  for (const [version, status] of [
    ['12.0.0', 401],
    ['10.11.11', 200],
    ['10.10.7', 200],
  ] as const) {
    await using sim = await startJellyfinSimulator({ version });
    for (const [path, headers] of [
      ['/Users', { 'X-Emby-Token': sim.apiKey }],
      [`/Users?api_key=${sim.apiKey}`, {}],
      ['/Users', { Authorization: `Emby Token="${sim.apiKey}"` }],
    ] as const)
      t.equal((await fetch(sim.url + path, { headers })).status, status, `${version} ${Object.keys(headers)[0] ?? 'api_key'}`);
  }
  await using strict = await startJellyfinSimulator({ version: '10.11.11', legacyTokens: false });
  t.equal((await fetch(`${strict.url}/Users?api_key=${strict.apiKey}`)).status, 401, '10.11 without EnableLegacyAuthorization');
});
