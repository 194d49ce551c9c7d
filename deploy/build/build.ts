// `npm run build [-- FOLDER]`: dist/controller.js with its WASM, dist/agent-router.js, dist/agent-node.js with its two parts, and the AsyncAPI document of all messages.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeTopics } from './asyncapi.ts';
import { bundle, type Program } from './bundle.ts';
import { NODE_PROGRAMS } from './node-programs.ts';
import { wasmPath } from './wasm-path.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Emptied first. */
const DIST = resolve(process.argv[2] ?? join(ROOT, 'dist'));
/** A router's flash is small (issue 3, §7). */
const MAX_AGENT_KIB = 850;

const PROGRAMS: readonly {
  readonly name: string;
  readonly source: string;
  readonly host: Program['host'];
  readonly maxKib?: number;
}[] = [
  { name: 'controller.js', source: 'controller/src/main.ts', host: 'server' },
  // A thread of the controller: it lies beside it, as its source does.
  { name: 'compact-worker.js', source: 'controller/src/database/compact-worker.ts', host: 'server' },
  { name: 'rehearsal-worker.js', source: 'controller/src/wiring/rehearsal/rehearsal-worker.ts', host: 'server' },
  // Its stream process, likewise.
  { name: 'live-process.js', source: 'controller/src/wiring/live-process.ts', host: 'server' },
  ...NODE_PROGRAMS,
  { name: 'agent-router.js', source: 'agent-router/src/main.ts', host: 'router', maxKib: MAX_AGENT_KIB },
];

/** Answers with what is wrong, or null. */
async function buildProgram({ name, source, host, maxKib }: (typeof PROGRAMS)[number]): Promise<string | null> {
  const size = await bundle({ entry: join(ROOT, source), outfile: join(DIST, name), host });
  const kib = Math.ceil(size / 1024);
  console.log(`dist/${name}  ${kib} KiB`);
  return maxKib !== undefined && kib > maxKib ? `dist/${name} has ${kib} KiB; at most ${maxKib}` : null;
}

async function buildAll(): Promise<readonly string[]> {
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST, { recursive: true });
  writeFileSync(join(DIST, 'package.json'), '{ "type": "module" }\n');
  const problems = await Promise.all(PROGRAMS.map(buildProgram));
  copyFileSync(wasmPath(ROOT), join(DIST, 'sql-wasm.wasm'));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(DIST, 'asyncapi.json'), `${JSON.stringify(describeTopics('headgate', version), null, 2)}\n`);
  console.log('dist/asyncapi.json');
  return problems.filter((problem) => problem !== null);
}

const problems = await buildAll();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
