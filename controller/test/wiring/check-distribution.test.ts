// `--test distribution`: one line for each thing that keeps files from being shared, with what to do about it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { silentLog } from '../../src/log.ts';
import { distributionLines } from '../../src/wiring/check-distribution.ts';
import { checkNeighbours } from '../../src/wiring/check-neighbours.ts';
import { newFolder } from '../distribution/open-distribution.ts';

const configOf = async (t: Test, distribution: Config, more: Config = {}) => {
  const folder = await newFolder(t);
  const path = join(folder, 'controller.yaml');
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const config = { database: { path: data }, distribution: { enabled: true, roots: [folder], ...distribution }, ...more };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return { config: await loadConfig({ path, env: {}, algorithms: ['demand'] }), clock: systemClock, log: silentLog };
};
type Config = Readonly<Record<string, unknown>>;

async function check(t: Test, distribution: Config) {
  const lines: string[] = [];
  const options = { part: 'distribution' as const, say: (line: string) => lines.push(line) };
  const code = await checkNeighbours(await configOf(t, distribution), options, AbortSignal.timeout(40_000));
  return { code, lines };
}

/** What each line says, without starting the torrent process. */
async function linesOf(t: Test, distribution: Config, more: Config = {}): Promise<Readonly<Record<string, string>>> {
  const said: Record<string, string> = {};
  for (const { name, run } of distributionLines(await configOf(t, distribution, more)))
    if (name !== 'distribution: torrents')
      said[name.replace('distribution.', '')] = await run(AbortSignal.timeout(9_000)).catch(
        (error: Error) => `FAIL ${error.message}`,
      );
  return said;
}

/** A port that somebody has, until the test is over. */
async function takenPort(t: Test): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

t.test('all is well: each thing in one line', async (t) => {
  const { code, lines } = await check(t, { seeder_listen: '127.0.0.1:46881' });
  t.match(lines, [
    /^PASS distribution\.roots: .* can be read$/,
    /^PASS distribution\.seeder_listen: 127\.0\.0\.1:46881 is free; nodes on other machines take the web seed/,
    /^PASS distribution: torrents: the torrent process starts and hashes/,
    /^PASS distribution\.public_address: none: .*; http\.public_url is not set/,
    /^PASS distribution: key: .*manifest-key is not there yet; the first start makes it$/,
  ]);
  t.equal(code, 0);
});

t.test('what keeps files from being shared is named by its key', async (t) => {
  const port = await takenPort(t);
  const shared = { roots: ['/nowhere/films', '/etc/passwd'], seeder_listen: `127.0.0.1:${port}`, public_address: '198.51.100.4' };
  t.match(await linesOf(t, shared, { http: { public_url: 'https://films.example' } }), {
    roots: 'FAIL /nowhere/films is not there: is its disk mounted?; /etc/passwd is no folder',
    seeder_listen: `FAIL 127.0.0.1:${port} is taken by another program`,
    public_address: /^FAIL 198\.51\.100\.4 is told to other sites, but the seeder listens at 127\.0\.0\.1/,
  });
});

t.test('addresses that lead nowhere', async (t) => {
  const away = { roots: [], seeder_listen: '192.0.2.7:6881' };
  t.match(await linesOf(t, { ...away, public_address: '127.0.0.1' }), {
    roots: /^it is empty: no file of this machine can be shared/,
    seeder_listen: 'FAIL 192.0.2.7:6881 is no address of this machine',
    public_address: /^FAIL 127\.0\.0\.1 is this machine itself/,
  });
  const home = { ...away, public_address: '192.168.1.5' };
  t.match(await linesOf(t, home, { http: { public_url: 'http://[::1]:8400' } }), {
    public_address: 'FAIL http.public_url http://[::1]:8400 leads nodes to their own machine',
  });
  t.match(await linesOf(t, home, { http: { public_url: 'http://films.example' } }), {
    public_address: /^192\.168\.1\.5 is private: only sites .* port 6881; .*their tokens are not encrypted$/,
  });
});

t.test('switched off, nothing is looked at', async (t) =>
  t.same(await check(t, { enabled: false }), { code: 0, lines: ['PASS distribution: distribution.enabled is false'] }),
);
