// Runs one of the project's own tools over a tree.
import { execFile } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../../node_modules/.bin');

/**
 * Output of a tool, whatever its exit code: linters end with 1 when they have found something.
 * @throws where the tool could not be run at all, or said nothing on stdout.
 */
export function runTool(name: string, words: readonly string[], cwd: string): Promise<string> {
  // A test runner puts hooks of its own into NODE_OPTIONS of whatever is started below it; they are not for tools.
  const line = ['-u', 'NODE_OPTIONS', join(BIN, name), ...words];
  return new Promise((done, fail) => {
    execFile('env', line, { cwd, maxBuffer: 256 * 1024 * 1024, timeout: 120_000 }, (error, stdout, stderr) => {
      if (stdout === '') fail(new Error(`${name} said nothing: ${stderr.trim() || error?.message || 'no output'}`));
      else done(stdout);
    });
  });
}
