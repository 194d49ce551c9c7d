// `npm run build`: dist/controller.js with its WASM, dist/agent-router.js, and the AsyncAPI document of all messages.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describeTopics } from './asyncapi.ts';
import { bundle, type Program } from './bundle.ts';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
/** A router's flash is small (issue 3, §7). */
const MAX_AGENT_KIB = 900;

const PROGRAMS: readonly (Program & { readonly name: string; readonly maxKib?: number })[] = [
  {
    name: 'controller.js',
    entry: join(ROOT, 'controller/src/main.ts'),
    outfile: join(DIST, 'controller.js'),
    target: 'node24',
    smallest: false,
  },
  {
    name: 'agent-router.js',
    entry: join(ROOT, 'agent-router/src/main.ts'),
    outfile: join(DIST, 'agent-router.js'),
    target: 'node20',
    smallest: true,
    maxKib: MAX_AGENT_KIB,
  },
];

/** Answers with what is wrong, or null. */
async function buildProgram({
  name,
  maxKib = Number.POSITIVE_INFINITY,
  ...program
}: (typeof PROGRAMS)[number]): Promise<string | null> {
  if (!existsSync(program.entry)) {
    console.log(`dist/${name}: left out, ${program.entry.slice(ROOT.length + 1)} is not there`);
    return null;
  }
  const kib = Math.ceil((await bundle(program)) / 1024);
  console.log(`dist/${name}  ${kib} KiB`);
  return kib > maxKib ? `dist/${name} has ${kib} KiB; at most ${maxKib}` : null;
}

async function buildAll(): Promise<readonly string[]> {
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  // The repository's own package.json says "module"; the bundles are CommonJS wherever they lie.
  writeFileSync(join(DIST, 'package.json'), '{ "type": "commonjs" }\n');
  const problems = await Promise.all(PROGRAMS.map(buildProgram));
  const wasm = createRequire(join(ROOT, 'controller/package.json')).resolve('sql.js/dist/sql-wasm.wasm');
  copyFileSync(wasm, join(DIST, 'sql-wasm.wasm'));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(DIST, 'asyncapi.json'), `${JSON.stringify(describeTopics('headgate', version), null, 2)}\n`);
  console.log('dist/asyncapi.json');
  return problems.filter((problem) => problem !== null);
}

const problems = await buildAll();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
