// Each gate is green on a good tree, red on a planted fault, and red when it did not read what it should.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deadCode } from '../../check/dead-code.ts';
import { registries, secrets } from '../../check/forbidden-text.ts';
import { allFaults, type Gate } from '../../check/gate.ts';
import { layers } from '../../check/layers.ts';
import { lint } from '../../check/lint.ts';
import { lockFile } from '../../check/lock-file.ts';
import { shape } from '../../check/shape.ts';
import { types } from '../../check/types.ts';
import { plantTree } from './plant-tree.ts';

type Planted = Readonly<Record<string, string>>;

async function faultsOf(gate: Gate, planted: Planted = {}): Promise<readonly string[]> {
  using tree = plantTree(planted);
  return allFaults(await gate.look(tree));
}

const GATES = [types, lint, deadCode, layers, shape, registries, secrets, lockFile];
for (const gate of GATES) {
  t.test(`${gate.name} has nothing to say of a good tree`, async (t) => t.same(await faultsOf(gate), []));
}

const main = (text: string): Planted => ({
  'controller/src/main.ts': `// Starts it all.\nimport { twice } from './twice.ts';\n\n${text}console.log(twice(21));\n`,
});
const host = (...levels: string[]) => levels.join('.');

const FAULTS: readonly [gate: Gate, name: string, planted: Planted, fault: RegExp][] = [
  [
    types,
    'a value of another type',
    main('const word: string = 1;\nconsole.log(word);\n'),
    /^controller\/src\/main\.ts:4: TS2322: /,
  ],
  [
    types,
    'an optional property set to undefined',
    main('const options: { a?: number } = { a: undefined };\nconsole.log(options);\n'),
    /TS2375/,
  ],
  [types, 'an enum, which Node cannot strip', main('enum Colour { Red }\nconsole.log(Colour.Red);\n'), /TS1294/],
  [
    lint,
    'a promise that nobody waits for',
    main('const later = async (): Promise<void> => {};\nlater();\n'),
    /main\.ts:5: lint\/nursery\/noFloatingPromises/,
  ],
  [lint, 'any', main('const loose: any = 1;\nconsole.log(loose);\n'), /noExplicitAny/],
  [lint, 'an unformatted line', main('const  wide = 1;\nconsole.log( wide );\n'), /main\.ts:\d+: format/],
  [
    lint,
    'a function of more than 60 lines',
    main(`function long(): void {\n${"  console.log('line');\n".repeat(61)}}\nlong();\n`),
    /noExcessiveLinesPerFunction/,
  ],
  [
    lint,
    'a circle of types only',
    {
      'controller/src/twice.ts':
        "// A.\nimport type { Other } from './other.ts';\n\nexport type Twice = { other: Other };\nexport const twice = (value: number): number => value * 2;\n",
      'controller/src/other.ts': "// B.\nimport type { Twice } from './twice.ts';\n\nexport type Other = { twice: Twice };\n",
    },
    /noImportCycles/,
  ],
  [
    deadCode,
    'a file that nobody imports',
    { 'controller/src/lonely.ts': '// Alone.\nexport const lonely = 1;\n' },
    /^controller\/src\/lonely\.ts:1: nobody imports/,
  ],
  [
    deadCode,
    'an export that nobody imports',
    {
      'controller/src/twice.ts':
        '// Two.\nexport const twice = (value: number): number => value * 2;\nexport const thrice = 3;\n',
    },
    /twice\.ts:3: thrice is exported/,
  ],
  [
    deadCode,
    'a dependency that nobody uses',
    { 'controller/package.json': '{ "name": "@headgate/controller", "type": "module", "dependencies": { "koa": "^3.0.0" } }\n' },
    /koa is a dependency/,
  ],
  [
    layers,
    'a protocol that reads files',
    { 'protocol/src/index.ts': "// The door.\nimport { readFileSync } from 'node:fs';\n\nexport const answer = readFileSync;\n" },
    /protocol imports node:fs/,
  ],
  [shape, 'a file of 251 lines', { 'controller/src/twice.ts': `// Two.\n${'//\n'.repeat(250)}` }, /251 lines; at most 250/],
  [shape, 'a vague name of a file that is no code', { 'deploy/helpers/run.sh': 'true\n' }, /"helpers" in a name/],
  [
    registries,
    'an npm registry',
    { 'README.md': `npm --registry https://${host('registry', 'npmjs', 'org')}/ i\n` },
    /^README\.md:1: host of an npm registry/,
  ],
  [
    registries,
    'a Debian mirror',
    { 'deploy/sources.list': `\ndeb http://${host('deb', 'debian', 'org')}/debian bookworm main\n` },
    /sources\.list:2: host of a Debian/,
  ],
  [
    registries,
    'a lock file tied to one registry',
    { 'package-lock.json': `{ "packages": { "node_modules/x": {\n"res${'olved'}": "https://mirror.example/x.tgz" } } }\n` },
    /package-lock\.json:2: /,
  ],
  [secrets, 'a private key', { 'deploy/key.pem': `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\n` }, /key\.pem:1: a private key/],
  [secrets, 'a token', { 'deploy/run.sh': `TOKEN=ghp_${'a'.repeat(36)}\n` }, /a GitHub token/],
];

for (const [gate, name, planted, fault] of FAULTS) {
  t.test(`${gate.name} finds ${name}`, async (t) => {
    const faults = await faultsOf(gate, planted);
    t.ok(
      faults.some((found) => fault.test(found)),
      faults.join('\n') || 'no fault found',
    );
  });
}

t.test('lock-file finds a platform that npm left out', async (t) => {
  const lock = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package-lock.json'), 'utf8'));
  delete lock.packages['node_modules/@esbuild/darwin-arm64'];
  t.match(await faultsOf(lockFile, { 'package-lock.json': JSON.stringify(lock) }), [/missing @esbuild\/darwin-arm64@/]);
});

t.test('a tool that is kept from a file is not believed', async (t) => {
  const hidden = { 'controller/src/hidden/secret.ts': '// Hidden.\nexport const hidden = 1;\n' };
  const without = (name: string, change: (json: Record<string, unknown>) => void) => {
    const json = JSON.parse(readFileSync(join(import.meta.dirname, '../../..', name), 'utf8'));
    change(json);
    return { ...hidden, [name]: JSON.stringify(json) };
  };
  const missed = /^read \d+ files, but git knows \d+ for it$/;
  const blind: readonly [Gate, Planted][] = [
    [
      types,
      without('tsconfig.json', (json) => void Object.assign(json, { exclude: ['**/node_modules', 'controller/src/hidden'] })),
    ],
    [lint, without('biome.json', (json) => void Object.assign(json, { files: { includes: ['**', '!**/hidden'] } }))],
    [
      deadCode,
      without(
        'knip.json',
        (json) => void Object.assign(json, { workspaces: { controller: { entry: ['src/main.ts'], project: ['src/*.ts'] } } }),
      ),
    ],
  ];
  for (const [gate, planted] of blind) t.match((await faultsOf(gate, planted)).at(-1), missed, gate.name);
});

t.test('a gate that found nothing to read is a failed gate', async (t) => {
  t.same(allFaults({ read: 0, expected: 0, faults: [] }), ['found no file that it could look at']);
});
