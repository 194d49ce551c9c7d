// `npm test` tells what failed, counts right, and never ends well when something was not run.
import { execFile } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const REPOSITORY = join(import.meta.dirname, '../../..');
const passing =
  "import t from 'tap';\nt.test('holds', async (t) => t.ok(true));\nt.test('holds too', async (t) => t.ok(true));\n";
const failing =
  "import t from 'tap';\nt.test('holds', async (t) => t.ok(true));\nt.test('does not hold', async (t) => t.equal(1, 2));\n";
const crashing = "import t from 'tap';\nt.test('holds', async (t) => t.ok(true));\nsetImmediate(() => process.exit(3));\n";

const throwing =
  "import t from 'tap';\nt.test('holds', async (t) => t.ok(true));\nsetImmediate(() => { throw new Error('from nowhere'); });\n";

/** A project of these test files; answers with what `npm test` (or soak) does in it. */
function prepare(t: Test, files: Readonly<Record<string, string>>) {
  const root = t.testdir({ 'package.json': '{ "type": "module" }', one: { test: files } });
  cpSync(join(REPOSITORY, 'deploy/testing'), join(root, 'deploy/testing'), { recursive: true });
  cpSync(join(REPOSITORY, '.taprc'), join(root, '.taprc'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
  // A new environment: this very test runs under tap, which hands its own hooks down.
  const words = [
    '-i',
    `PATH=${process.env['PATH']}`,
    `HOME=${root}`,
    process.execPath,
    join(root, 'deploy/testing/run-tests.ts'),
  ];
  return (kind: 'test' | 'soak', ...wanted: string[]) =>
    new Promise<{ code: number | null; stdout: string }>((done) => {
      const child = execFile('env', [...words, kind, ...wanted], { cwd: root }, (_, stdout) =>
        done({ code: child.exitCode, stdout }),
      );
    });
}

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

t.test('all is well: one line a file, the count at the end, exit code 0', async (t) => {
  const { code, stdout } = await prepare(t, { 'a.test.ts': passing, 'b.soak.ts': failing })('test');
  t.match(stdout, /^ok {3}one\/test\/a\.test\.ts {2}2 passed /m);
  t.equal(lastLine(stdout), '2 passed, 0 failed');
  t.equal(code, 0);
});

t.test('a failed test, and a file that ends before its time, are failures', async (t) => {
  const run = prepare(t, { 'a.test.ts': passing, 'b.test.ts': failing, 'c.test.ts': crashing, 'd.test.ts': throwing });
  const { code, stdout } = await run('test');
  t.match(stdout, /^FAIL one\/test\/b\.test\.ts {2}1 passed, 1 failed/m);
  t.match(stdout, /does not hold > not ok 1/);
  t.match(stdout, /^FAIL one\/test\/c\.test\.ts/m);
  t.match(
    stdout,
    /^FAIL one\/test\/d\.test\.ts[^\n]*\n > not ok - uncaughtException\n +Error: from nowhere\n +at .*d\.test\.ts:3/m,
  );
  t.match(lastLine(stdout), /^\d+ passed, 3 failed$/);
  t.equal(code, 1);
  t.match(await run('test', 'one/test/a.test.ts'), { code: 0, stdout: /2 passed, 0 failed\n$/ });
});

t.test('a path that matches nothing, and a project without tests, are failures', async (t) => {
  const run = prepare(t, { 'a.test.ts': passing });
  t.match(await run('test', 'one/test/a.test.ts', 'one/test/slip.test.ts'), {
    code: 1,
    stdout: /no test file matches one\/test\/slip\.test\.ts\n[\s\S]*2 passed, 1 failed\n$/,
  });
  t.match(await run('soak'), { code: 1, stdout: /0 passed, 1 failed\n$/ });
});
