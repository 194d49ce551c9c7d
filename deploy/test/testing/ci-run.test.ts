// .ci/run judges tests and gates together, and its last line is the sum.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const SCRIPT = join(import.meta.dirname, '../../../.ci/run');

/** Runs the script with an npm that says and ends as told. */
function judge(t: Test, test: string, check: string): Promise<{ code: number | null; last: string | undefined; stdout: string }> {
  const root = t.testdir({ npm: `#!/bin/sh\ncase "$*" in test) ${test};; 'run check') ${check};; *) exit 99;; esac\n` });
  mkdirSync(join(root, '.ci'));
  copyFileSync(SCRIPT, join(root, '.ci/run'));
  const program = `chmod +x ${join(root, 'npm')}; PATH=${root}:$PATH exec ${join(root, '.ci/run')}`;
  return new Promise((done) => {
    const child = execFile('sh', ['-c', program], (_, stdout) =>
      done({ code: child.exitCode, last: stdout.trimEnd().split('\n').at(-1), stdout }),
    );
  });
}

t.test('what passed and failed is summed up, and everything said is shown', async (t) => {
  const green = await judge(t, "echo 'ok a'; echo '12 passed, 0 failed'", "echo '8 passed, 0 failed'");
  t.match(green, { code: 0, last: '20 passed, 0 failed', stdout: /ok a\n/ });
});

t.test('both are run, whichever fails', async (t) => {
  t.match(await judge(t, "echo '10 passed, 2 failed'; exit 1", "echo '8 passed, 0 failed'"), {
    code: 1,
    last: '18 passed, 2 failed',
  });
  t.match(await judge(t, "echo '12 passed, 0 failed'", "echo '7 passed, 1 failed'; exit 1"), {
    code: 1,
    last: '19 passed, 1 failed',
  });
});

t.test('a script that says no count, or fails against its own count, is a failure', async (t) => {
  t.match(await judge(t, 'echo crash; exit 7', "echo '8 passed, 0 failed'"), { code: 1, last: '8 passed, 1 failed' });
  t.match(await judge(t, 'true', "echo '8 passed, 0 failed'"), { code: 1, last: '8 passed, 1 failed' });
  t.match(await judge(t, "echo '12 passed, 0 failed'; exit 1", "echo '8 passed, 0 failed'"), {
    code: 1,
    last: '20 passed, 1 failed',
  });
  t.match(
    await judge(t, "echo '12 passed, 1 failed'", "echo '8 passed, 0 failed'"),
    { code: 1, last: '20 passed, 1 failed' },
    'and a count of failures counts',
  );
});
