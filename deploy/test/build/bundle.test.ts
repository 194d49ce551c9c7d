// A bundle is one file that runs alone, with what was left out of it throwing where it is asked for, and MQTT as lively as before.
import { execFile, spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { bundle, type Program } from '../../build/bundle.ts';
import { freePort } from '../../demo/free-port.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');

/** Bundles one source text as an agent is, and answers with the file; it lies in a folder where nothing else is. */
async function bundleText(t: Test, text: string, host: Program['host'] = 'router'): Promise<string> {
  const folder = t.testdir({ source: { 'main.ts': text }, alone: { 'package.json': '{}' } });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'source/node_modules'));
  const outfile = join(folder, 'alone/main.js');
  await bundle({ entry: join(folder, 'source/main.ts'), outfile, host });
  return outfile;
}

const run = (file: string, ...words: string[]): Promise<string> =>
  new Promise((done, fail) => {
    execFile(process.execPath, [file, ...words], { timeout: 20_000 }, (error, stdout) => (error ? fail(error) : done(stdout)));
  });

t.test('a native add-on throws where it is asked for, and the program goes on', async (t) => {
  const file = await bundleText(
    t,
    `for (const ask of [() => require('cpu-features'), () => require('./crypto/build/Release/sshcrypto.node')])
      try { ask(); } catch (error) { console.log((error as Error).message); }`,
  );
  t.equal(
    await run(file),
    'cpu-features is a native add-on, which this bundle leaves out\n./crypto/build/Release/sshcrypto.node is a native add-on, which this bundle leaves out\n',
  );
});

t.test('what stands beside a source file stands beside the bundle', async (t) => {
  for (const host of ['router', 'server'] as const) {
    const file = await bundleText(t, "console.log(new URL('./x.wasm', import.meta.url).pathname);", host);
    t.equal(await run(file), `${join(file, '../x.wasm')}\n`, host);
  }
});

t.test("a server's bundle may wait at top level, and packages of the older kind find what they look for", async (t) => {
  const file = await bundleText(
    t,
    "import koa from 'koa';\nawait null;\nconsole.log(typeof koa, require('node:path').basename(__dirname));",
    'server',
  );
  t.equal(await run(file), 'function alone\n');
});

t.test("a router's bundle runs as either kind of module", async (t) => {
  const file = await bundleText(t, "import { join } from 'node:path';\nconsole.log(join('a', 'b'));");
  for (const type of ['module', 'commonjs']) {
    writeFileSync(join(file, '../package.json'), JSON.stringify({ type }));
    t.equal(await run(file), 'a/b\n', type);
  }
});

t.test('resources are closed in the order that Node 20 cannot write itself', async (t) => {
  const file = await bundleText(
    t,
    `const open = (name: string) => ({ [Symbol.asyncDispose]: async () => console.log(name) });
    async function main() { await using a = open('first'); await using b = open('second'); void [a, b]; }
    void main();`,
  );
  t.equal(await run(file), 'second\nfirst\n');
});

t.test(
  'MQTT.js without its browser parts speaks with a real broker, large messages and a lost connection included',
  async (t) => {
    const port = await freePort();
    const broker = spawn('mosquitto', ['-p', String(port)], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
    t.teardown(() => broker.kill());
    const file = await bundleText(
      t,
      `import { connectAsync } from 'mqtt';
    async function main() {
      const client = await connectAsync('mqtt://127.0.0.1:${port}', { keepalive: 1, reconnectPeriod: 50 });
      const heard = new Promise<number>((done) => client.on('message', (_, payload) => done(payload.length)));
      await client.subscribeAsync('t', { qos: 1 });
      await client.publishAsync('t', Buffer.alloc(200_000, 'x'), { qos: 1 });
      console.log(await heard);
      const back = new Promise((done) => client.once('connect', done));
      client.stream.destroy();
      await back;
      await new Promise((done) => setTimeout(done, 1_600)); // longer than the keepalive: its timer ran
      console.log(client.connected);
      await client.endAsync();
    }
    main().catch((error) => { console.log(error); process.exit(1); });`,
    );
    await until(() => canConnect(port));
    t.equal(await run(file), '200000\ntrue\n');
  },
);

t.test("the router's agent is one file, small enough for its flash, and starts alone", async (t) => {
  const folder = t.testdir({ 'package.json': '{}' });
  const outfile = join(folder, 'agent-router.js');
  const size = await bundle({ entry: join(REPOSITORY, 'agent-router/src/main.ts'), outfile, host: 'router' });
  t.ok(size <= 900 * 1024, `${Math.ceil(size / 1024)} KiB`);
  t.match(await run(outfile, '--version'), /^\d+\.\d+\.\d+\n$/);
});

const canConnect = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}`).then(
    () => true,
    // A broker hangs up on HTTP; only a closed port refuses.
    (error: Error) => !String((error.cause as Error | undefined)?.message).includes('ECONNREFUSED'),
  );

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error('waited ten seconds in vain');
    await new Promise((done) => setTimeout(done, 50));
  }
}
