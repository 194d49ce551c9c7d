// A small tree of its own for the gates: the project's real configuration, a few good files, and whatever fault a test plants.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openTree, type Tree } from '../../check/tree.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const GOOD = {
  'package.json': json({ name: 'planted', private: true, type: 'module', workspaces: ['protocol', 'controller'] }),
  'protocol/package.json': json({ name: '@headgate/protocol', type: 'module', exports: { '.': './src/index.ts' } }),
  'protocol/src/index.ts': '// The door.\nexport const answer = 42;\n',
  'controller/package.json': json({ name: '@headgate/controller', type: 'module' }),
  'controller/src/main.ts': "// Starts it all.\nimport { twice } from './twice.ts';\n\nconsole.log(twice(21));\n",
  'controller/src/twice.ts': '// Pure: doubles.\nexport const twice = (value: number): number => value * 2;\n',
};
const CONFIGURATION = ['tsconfig.json', 'biome.json', 'knip.json', 'package-lock.json'];

/** `files` come on top of the good ones and over the configuration; what the tests make is removed with `dispose`. */
export function plantTree(files: Readonly<Record<string, string>> = {}): Tree & Disposable {
  const root = mkdtempSync(join(tmpdir(), 'headgate-gates-'));
  for (const name of CONFIGURATION) cpSync(join(REPOSITORY, name), join(root, name));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
  // As the project has it, plus the link above, which is no folder to git.
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');
  for (const [path, text] of Object.entries({ ...GOOD, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  execFileSync('git', ['init', '-q'], { cwd: root });
  return { ...openTree(root), [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}
