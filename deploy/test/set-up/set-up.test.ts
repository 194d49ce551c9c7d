// The set-up does what a bare machine lacks, nothing twice, and says in a sentence what it cannot do.
import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createMachine, lockWith } from './bare-machine.ts';

const NODE = ['--', 'node', '-p', '[process.execPath, process.argv.length].join()'];
const CI = 'ci --include=dev --no-audit --no-fund --loglevel=error';
/** Nobody; a test that runs as somebody is not root either. */
const NOT_ROOT = process.getuid?.() === 0 ? { uid: 65_534 } : {};

t.test("a bare clone gets its packages, and the command runs on the project's own Node", async (t) => {
  const machine = createMachine(t);
  t.match(await machine.setUp(['check', ...NODE]), {
    code: 0,
    stdout: /node_modules\/node\/bin\/node|node,1/,
    stderr: /^Installing the npm packages/,
  });
  t.same(machine.lines('npm.log'), [CI]);
});

t.test('the second time nothing is installed and nothing said', async (t) => {
  const machine = createMachine(t);
  await machine.setUp(['check', ...NODE]);
  t.match(await machine.setUp(['check', ...NODE]), { code: 0, stderr: '' });
  t.equal(machine.lines('npm.log').length, 1);
});

t.test('another lock file means another installation, unless node_modules has those very packages', async (t) => {
  const machine = createMachine(t);
  await machine.setUp(['check', ...NODE]);
  machine.write('package-lock.json', lockWith('2.0.0'));
  machine.write('node_modules/.package-lock.json', lockWith('2.0.0'));
  t.match(await machine.setUp(['check', ...NODE]), { code: 0, stderr: '' }, 'a person ran npm install');
  machine.write('package-lock.json', lockWith('3.0.0'));
  await machine.setUp(['check', ...NODE]);
  t.equal(machine.lines('npm.log').length, 2, 'git pull brought a new lock file');
});

t.test('an installation without Node 24 is done again', async (t) => {
  const machine = createMachine(t);
  machine.write('node_modules/.package-lock.json', lockWith('1.0.0'));
  await machine.setUp(['check', ...NODE]);
  t.equal(machine.lines('npm.log').length, 1);
});

t.test('npm works with the Node of the machine, not with the one that it replaces', async (t) => {
  const machine = createMachine(t);
  machine.program('npm', '#!/bin/sh\necho "$PATH" > path.log\nexit 1\n');
  await machine.setUp(['check', ...NODE], { env: { PATH: `${machine.folder}/node_modules/.bin:${machine.folder}/bin` } });
  t.same(machine.lines('path.log'), [`${machine.folder}/bin`]);
});

t.test('without a network the command does not run, npm is quoted, and the next run tries again', async (t) => {
  const machine = createMachine(t);
  machine.write('npm.fails', '');
  t.match(await machine.setUp(['check', ...NODE]), {
    code: 1,
    stdout: '',
    stderr: /npm ci failed:\nnetwork is down\nIs the network there\?/,
  });
  rmSync(join(machine.folder, 'npm.fails'));
  t.match(await machine.setUp(['check', ...NODE]), { code: 0 });
});

t.test("the command's arguments, exit code and signal are its own", async (t) => {
  const machine = createMachine(t);
  t.match(
    await machine.setUp([
      'check',
      '--',
      'node',
      '-e',
      'console.log(process.argv.slice(1).join()); process.exitCode = 7',
      'a b',
      '--c',
    ]),
    { code: 7, stdout: 'a b,--c\n' },
  );
  t.match(await machine.setUp(['check', '--', 'sh', '-c', 'kill -TERM $$']), { code: 143 });
});

t.test('a missing program is said in one sentence with the command, and the task goes on', async (t) => {
  const machine = createMachine(t);
  await machine.setUp(['check', ...NODE]);
  t.match(await machine.setUp(['test', ...NODE]), {
    code: 0,
    stdout: /,1\n/,
    stderr: 'Missing: headgate-planted; on Debian they come with: sudo apt-get install planted-package\n',
  });
  t.match(await machine.setUp(['start', ...NODE]), { code: 0, stderr: '' }, 'a task that needs none');
});

t.test('who is not root and may not sudo gets the command; who may gets the package', async (t) => {
  const machine = createMachine(t);
  await machine.setUp(['check', ...NODE]);
  machine.program('apt-get', '#!/bin/sh\nexit 9\n');
  t.match(await machine.setUp(['test', ...NODE], NOT_ROOT), {
    code: 0,
    stderr: 'Missing: headgate-planted; they come with: sudo apt-get install planted-package\n',
  });
  const log = join(machine.folder, 'sudo.log');
  writeFileSync(log, '');
  machine.program('sudo', `#!/bin/sh\n[ "$2" = true ] && exit 0\nprintf '%s\\n' "$*" > ${log}\n`);
  chmodSync(log, 0o666);
  t.match(await machine.setUp(['test', ...NODE], NOT_ROOT), {
    code: 0,
    stderr: 'Installing planted-package with apt ...\n',
  });
  t.match(machine.lines('sudo.log'), [
    /^-n sh .*deploy\/set-up\/install-packages\.sh \/usr\/sbin\/policy-rc\.d planted-package$/,
  ]);
});

t.test('a program that is there is not installed', async (t) => {
  const machine = createMachine(t);
  await machine.setUp(['check', ...NODE]);
  symlinkSync('/bin/sh', join(machine.folder, 'bin/headgate-planted'));
  t.match(await machine.setUp(['test', ...NODE]), { code: 0, stderr: '' });
});
