// tap's stream is read as it is written: counts per file, failures with their sentence, and no failure that goes under.
import t from 'tap';
import { createTapReader, type FileResult } from '../../testing/read-tap.ts';

function read(text: string): readonly FileResult[] {
  const reader = createTapReader();
  return text
    .split('\n')
    .map((line) => reader.line(line))
    .filter((result) => result !== null);
}

const MIXED = `TAP version 14
1..2
# Subtest: a/test/one.test.ts
    # Subtest: a sentence is true
        ok 1 - should be equal
        1..1
    ok 1 - a sentence is true # time=2.9ms
    
    # Subtest: a false one
        not ok 1 - one is two
          ---
          compare: ===
          at:
            fileName: a/test/one.test.ts
            lineNumber: 4
          diff: |
            -2
            +1
          ...
        
        # Subtest: inner
            not ok 1 - should be truthy
            1..1
        not ok 2 - inner # time=8ms
        
        1..2
    not ok 2 - a false one # time=32ms
    
    ok 3 - not here # SKIP why
    1..3
    # time=48ms
not ok 1 - a/test/one.test.ts # time=48.1ms
  ---
  exitCode: 1
  ...

# Subtest: a/test/two.test.ts
    ok 1 - should be equal
    1..1
ok 2 - a/test/two.test.ts # time=1500.5ms
`;

t.test('each file gets its counts and its time', async (t) => {
  t.match(read(MIXED), [
    { file: 'a/test/one.test.ts', passed: 1, failed: 1, skipped: 1, ms: 48.1 },
    { file: 'a/test/two.test.ts', passed: 1, failed: 0, skipped: 0, ms: 1500.5, failures: [] },
  ]);
});

t.test('a failure is told with its sentences and its diagnostics, once', async (t) => {
  t.same(
    read(MIXED)[0]?.failures.map((line) => line.trim()),
    [
      '> a false one > not ok 1 - one is two',
      'compare: ===',
      'diff: |',
      '-2',
      '+1',
      '> a false one > inner > not ok 1 - should be truthy',
    ],
  );
});

t.test('a file that fails with all of its tests passed counts as one failure', async (t) => {
  const crashed = '# Subtest: x.test.ts\n    ok 1 - fine\n    1..1\nnot ok 1 - x.test.ts # time=5ms\n';
  t.match(read(crashed), [{ passed: 1, failed: 1 }]);
  t.match(read('# Subtest: x.test.ts\n    1..0\nnot ok 1 - x.test.ts\n'), [{ passed: 0, failed: 1 }]);
});

t.test('a todo is neither passed nor failed', async (t) => {
  t.match(read('# Subtest: x\n    not ok 1 - later # TODO\n    1..1\nok 1 - x # time=5ms\n'), [
    { passed: 0, failed: 0, skipped: 1 },
  ]);
});
