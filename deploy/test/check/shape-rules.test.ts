// Size, names and habits: what is refused, with its line.
import t from 'tap';
import { readSource } from '../../check/read-source.ts';
import { nameFaults, shapeFaults } from '../../check/shape-rules.ts';

const faults = (path: string, text: string) => shapeFaults(readSource(path, text));

t.test('a name that would fit any file is refused, in files and folders', async (t) => {
  for (const path of [
    'a/src/utils/x.ts',
    'a/src/util.ts',
    'a/src/date-helper.ts',
    'a/src/common/x.ts',
    'misc/x.ts',
    'a/session-manager.ts',
    'a/base-client.ts',
    'a/Base.ts',
  ])
    t.match(nameFaults(path), [/say what the thing does/], path);
  for (const path of ['controller/src/database/open-database.ts', 'a/commonmark.ts', 'a/utility-bill.ts', 'a/basement.ts'])
    t.same(nameFaults(path), [], path);
});

t.test('a file may have 250 lines, a test more', async (t) => {
  const lines = (count: number) => `// A file.\n${'//\n'.repeat(count - 1)}`;
  t.same(faults('controller/src/a.ts', lines(250)), []);
  t.match(faults('controller/src/a.ts', lines(251)), [/^controller\/src\/a\.ts:251: 251 lines/]);
  t.match(faults('deploy/demo/a.ts', lines(251)), [/251 lines/]);
  t.same(faults('controller/test/a.test.ts', lines(251)), []);
});

t.test('the first line says what the file is for', async (t) => {
  for (const text of ['const x = 1;\n', '\n// Late.\n', '//\n', '/** Block. */\n', ''])
    t.match(faults('controller/src/a.ts', text), [/first line/], JSON.stringify(text));
  t.same(faults('deploy/a.mjs', '#!/usr/bin/env node\n// A program.\n'), []);
});

t.test('a function takes four parameters at most', async (t) => {
  t.same(faults('controller/src/a.ts', '// A.\nexport const f = (a: 1, b: 2, c: 3, d: 4) => [a, b, c, d];\n'), []);
  for (const text of ['function f(a, b, c, d, e) {}', 'const f = (a, b, c, d, e) => 1;', 'const o = { f(a, b, c, d, ...e) {} };'])
    t.match(faults('controller/src/a.ts', `// A.\n\n${text}\n`), [/^controller\/src\/a\.ts:3: .*takes 5 parameters/], text);
});

t.test('a module keeps no state', async (t) => {
  for (const text of [
    'let a = 1;',
    'export let a = 1;',
    'var a = 1;',
    'const a = new Map();',
    'export const a = new Set<string>();',
  ])
    t.match(faults('controller/src/a.ts', `// A.\n${text}\n`), [/module-level/], text);
  t.same(
    faults(
      'controller/src/a.ts',
      "// A.\nconst a = new Set(['x']);\nexport const f = () => {\n  let b = 1;\n  return (b += a.size);\n};\n",
    ),
    [],
  );
  t.same(faults('controller/test/a.test.ts', '// A.\nlet a = 1;\n'), []);
});

t.test('only main.ts knows the process', async (t) => {
  const text = "// A.\nexport const f = () => process.env['HOME'] ?? process.exit(1);\n";
  t.match(faults('agent-router/src/config.ts', text), [/:2: process\.env is for main\.ts/, /:2: process\.exit is for main\.ts/]);
  t.same(faults('agent-router/src/main.ts', text), []);
  t.same(faults('deploy/demo/run-demo.ts', text), []);
});
