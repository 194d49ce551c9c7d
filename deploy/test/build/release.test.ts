// The parts of a release find each other where the build puts them: the controller, its WASM and its thread side by side.
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { bundle } from '../../build/bundle.ts';
import { wasmPath } from '../../build/wasm-path.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const source = (path: string): string => join(REPOSITORY, 'controller/src', path);

/** Fills a database past its limit and waits until the thread has made a snapshot of it. */
const FILL = `
import { readdirSync } from 'node:fs';
import { openDatabase } from '${source('database/open-database.ts')}';
import { systemClock } from '${source('clock.ts')}';
import { silentLog } from '${source('log.ts')}';
const path = process.argv[2] ?? '';
{
  await using database = await openDatabase({ path, log: silentLog, clock: systemClock, migrations: [], compactAfterStatements: 50 });
  const db = database.tables<{ note: { text: string } }>();
  await db.schema.createTable('note').addColumn('text', 'text').execute();
  for (let i = 0; i < 60; i++) await db.insertInto('note').values({ text: 'x' }).execute();
  const end = Date.now() + 15_000;
  while (!readdirSync(path).some((name) => name.endsWith('.sqlite')) && Date.now() < end) await new Promise((done) => setTimeout(done, 20));
}
await using again = await openDatabase({ path, log: silentLog, clock: systemClock, migrations: [] });
console.log((await again.tables<{ note: { text: string } }>().selectFrom('note').selectAll().execute()).length, again.problems.length);
`;

t.test('the compaction thread and SQLite run from bundles', async (t) => {
  const folder = t.testdir({ 'package.json': '{ "type": "module" }', 'fill.ts': FILL, dist: {}, data: {} });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const [dist, data] = [join(folder, 'dist'), join(folder, 'data')];
  await bundle({ entry: join(folder, 'fill.ts'), outfile: join(dist, 'fill.js'), host: 'server' });
  await bundle({ entry: source('database/compact-worker.ts'), outfile: join(dist, 'compact-worker.js'), host: 'server' });
  copyFileSync(wasmPath(REPOSITORY), join(dist, 'sql-wasm.wasm'));
  const said = await new Promise<string>((done, fail) => {
    const words = ['-u', 'NODE_OPTIONS', process.execPath, join(dist, 'fill.js'), data];
    execFile('env', words, { timeout: 30_000 }, (error, stdout) => (error ? fail(error) : done(stdout)));
  });
  t.equal(said, '60 0\n');
  t.ok(
    readdirSync(data).some((name) => name.endsWith('.sqlite')),
    readdirSync(data).join(),
  );
});

t.test('the controller starts as one file, and stops at SIGTERM', async (t) => {
  const folder = t.testdir({
    dist: { 'package.json': '{ "type": "module" }' },
    'controller.yaml': `http: { listen: 127.0.0.1:0 }\nmqtt: { broker: embedded, listen: 127.0.0.1:0 }\ndatabase: { path: ${t.testdirName}/data }\n`,
  });
  const outfile = join(folder, 'dist/controller.js');
  await bundle({ entry: source('main.ts'), outfile, host: 'server' });
  copyFileSync(wasmPath(REPOSITORY), join(folder, 'dist/sql-wasm.wasm'));
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, outfile, '--config', join(folder, 'controller.yaml')]);
  t.teardown(() => child.kill('SIGKILL'));
  const said: string[] = [];
  await new Promise<void>((done, fail) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said.push(text);
        if (said.join('').includes('"Headgate runs"')) done();
      });
    child.once('exit', (code) => fail(new Error(`it ended with ${code}: ${said.join('').slice(-500)}`)));
  });
  child.removeAllListeners('exit').kill('SIGTERM');
  const code = await new Promise((done) => child.once('exit', done));
  t.equal(code, 0, said.join('').slice(-500));
});
