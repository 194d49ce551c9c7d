// apt is run so that nothing starts, and the machine's own rules for that are left alone.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const SCRIPT = join(import.meta.dirname, '../../set-up/install-packages.sh');

function prepare(t: Test, end = '') {
  const folder = t.testdir({
    'apt-get': `#!/bin/sh\necho "$@ (guard: $(tail -n 1 ${t.testdirName}/guard 2>&1))" >> ${t.testdirName}/apt.log\n${end}\n`,
  });
  chmodSync(join(folder, 'apt-get'), 0o755);
  const guard = join(folder, 'guard');
  const run = () =>
    new Promise<number | null>((done) => {
      const env = { ...process.env, PATH: `${folder}:/usr/bin:/bin` };
      const child = execFile('sh', [SCRIPT, guard, 'one', 'two'], { env }, () => done(child.exitCode));
    });
  return { folder, guard, run, log: () => readFileSync(join(folder, 'apt.log'), 'utf8').trimEnd().split('\n') };
}

t.test('packages come after an update, while no daemon may start, and the guard goes', async (t) => {
  const { guard, run, log } = prepare(t);
  t.equal(await run(), 0);
  t.same(log(), ['update -qq (guard: exit 101)', 'install -y -qq --no-install-recommends -- one two (guard: exit 101)']);
  t.notOk(existsSync(guard));
});

t.test("the machine's own guard stays", async (t) => {
  const { guard, run, log } = prepare(t);
  writeFileSync(guard, '#!/bin/sh\nexit 0\n');
  t.equal(await run(), 0);
  t.match(log(), [/guard: exit 0/, /guard: exit 0/]);
  t.equal(readFileSync(guard, 'utf8'), '#!/bin/sh\nexit 0\n');
});

t.test('a guard that a killed set-up left behind is taken away', async (t) => {
  const { guard, run } = prepare(t);
  writeFileSync(guard, '#!/bin/sh\n# headgate set-up: no daemon starts while this stands\nexit 101\n');
  t.equal(await run(), 0);
  t.notOk(existsSync(guard));
});

t.test('when apt fails or is stopped, the guard goes all the same', async (t) => {
  const failing = prepare(t, 'exit 100');
  t.equal(await failing.run(), 100);
  t.equal(failing.log().length, 1);
  t.notOk(existsSync(failing.guard));
});

t.test('when the set-up is stopped, the guard goes', async (t) => {
  const stopped = prepare(t, 'kill -TERM $PPID');
  t.equal(await stopped.run(), 130);
  t.notOk(existsSync(stopped.guard));
});
