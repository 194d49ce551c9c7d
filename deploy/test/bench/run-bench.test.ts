// The bench runner: what it finds, what it measures twice, and what it leaves behind.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const RUNNER = join(import.meta.dirname, '../../bench/run-bench.ts');
const line = (name: string, holds: string) =>
  `{ name: '${name}', line: 'a thing', value: 1234.5, unit: 'ms', baseline: 'bare', baseline_value: 2469, ratio: 0.5, must: 'ratio <= 1', holds: ${holds} }`;
/** Counts its runs in a file; `holds` is an expression over `runs`. */
const benchFile = (name: string, holds: string) => `// Planted.
import { appendFileSync, readFileSync } from 'node:fs';
const log = import.meta.dirname + '/${name}.runs';
export const bench = { name: '${name}', async lines() {
  appendFileSync(log, 'x');
  const runs = readFileSync(log, 'utf8').length;
  return [${line(name, holds)}];
} };
`;

function prepare(t: Test) {
  const folder = t.testdir({
    'good.bench.ts': benchFile('good', 'true'),
    'busy.bench.ts': benchFile('busy', 'runs === 2'),
    'slow.bench.ts': benchFile('slow', 'runs > 9'),
    'broken.bench.ts': "// Planted.\nexport const bench = { name: 'broken', async lines() { throw new Error('no disk'); } };\n",
    'empty.bench.ts': "// Planted.\nexport const bench = { name: 'empty', async lines() { return []; } };\n",
  });
  const report = join(folder, 'report.json');
  const run = (...names: string[]) =>
    new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
      const child = execFile(process.execPath, [RUNNER, '--folder', folder, '--report', report, ...names], (_, stdout, stderr) =>
        done({ code: child.exitCode, stdout, stderr }),
      );
    });
  return {
    run,
    runs: (name: string) => readFileSync(join(folder, `${name}.runs`), 'utf8').length,
    read: () => JSON.parse(readFileSync(report, 'utf8')),
    report,
  };
}

t.test('the named benches run once each where all holds, with a table and a report', async (t) => {
  const { run, runs, read } = prepare(t);
  const { code, stdout } = await run('good');
  t.equal(code, 0);
  t.match(stdout, /^ok +good +a thing +1,235 ms +ratio <= 1 +bare: 2,469 ms +0\.50$/m);
  t.equal(runs('good'), 1);
  t.same(read(), [
    {
      name: 'good',
      line: 'a thing',
      value: 1234.5,
      unit: 'ms',
      baseline: 'bare',
      baseline_value: 2469,
      ratio: 0.5,
      must: 'ratio <= 1',
      holds: true,
    },
  ]);
});

t.test('a line that does not hold is measured once more before it counts', async (t) => {
  const { run, runs, read } = prepare(t);
  t.equal((await run('busy')).code, 0);
  t.equal(runs('busy'), 2);
  const { code, stdout } = await run('slow');
  t.equal(code, 1);
  t.equal(runs('slow'), 2);
  t.match(stdout, /^FAIL +slow/m);
  t.match(read(), [{ name: 'slow', holds: false }]);
});

t.test('a bench that throws or measures nothing fails, and the others run all the same', async (t) => {
  const { run, read } = prepare(t);
  const { code, stderr } = await run();
  t.equal(code, 1);
  t.match(stderr, /no disk/);
  t.match(read(), [
    { name: 'broken', line: 'failed: no disk', holds: false },
    { name: 'busy', holds: true },
    { name: 'empty', line: 'measured nothing', holds: false },
    { name: 'good', holds: true },
    { name: 'slow', holds: false },
  ]);
});

t.test('a name that no bench has is an error that lists those there are', async (t) => {
  const { run, report } = prepare(t);
  t.match(await run('goud'), { code: 1, stderr: /no bench goud; there are broken, busy, empty, good, slow/ });
  t.notOk(existsSync(report));
});
