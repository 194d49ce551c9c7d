// `npm run check [-- GATE...]`: every gate over the working tree, one line each, all faults with their place, a count at the end.
import { join } from 'node:path';
import { deadCode } from './dead-code.ts';
import { registries, secrets } from './forbidden-text.ts';
import { allFaults, type Gate } from './gate.ts';
import { layers } from './layers.ts';
import { lint } from './lint.ts';
import { lockFile } from './lock-file.ts';
import { shape } from './shape.ts';
import { openTree, type Tree } from './tree.ts';
import { types } from './types.ts';

const GATES: readonly Gate[] = [types, lint, deadCode, layers, shape, registries, secrets, lockFile];
const SHOWN = 60;

async function run(gate: Gate, tree: Tree): Promise<boolean> {
  const startedAt = performance.now();
  const verdict = await gate.look(tree).catch((error: unknown) => ({ read: 0, expected: 1, faults: [String(error)] }));
  const faults = allFaults(verdict);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const state = faults.length === 0 ? 'ok  ' : 'FAIL';
  console.log(
    `${state} ${gate.name.padEnd(12)} ${String(verdict.read).padStart(4)} files  ${seconds} s${faults.length === 0 ? '' : `  ${faults.length} faults`}`,
  );
  for (const fault of faults.slice(0, SHOWN)) console.log(`     ${fault}`);
  if (faults.length > SHOWN) console.log(`     ... and ${faults.length - SHOWN} more`);
  return faults.length === 0;
}

/** Runs the gates of these names, all where none is given. Answers with how many passed and failed. */
async function runGates(wanted: readonly string[]): Promise<{ passed: number; failed: number }> {
  const unknown = wanted.filter((name) => !GATES.some((gate) => gate.name === name));
  if (unknown.length > 0)
    console.log(`no such gate: ${unknown.join(', ')}; there are ${GATES.map(({ name }) => name).join(', ')}`);
  const tree = openTree(join(import.meta.dirname, '../..'));
  const chosen = GATES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  let passed = 0;
  for (const gate of chosen) if (await run(gate, tree)) passed++;
  return { passed, failed: chosen.length - passed + unknown.length };
}

const { passed, failed } = await runGates(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
