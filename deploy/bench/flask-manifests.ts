// The program that Headgate's manifests replace, as far as reading goes: a folder of them, given out by Flask's own development server, as that one does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../demo/free-port.ts';

/** Its handler of `GET /manifest/<group>.json`, word for word but for the names. */
const SERVER = `
import sys
from pathlib import Path
from flask import Flask, abort, send_from_directory
folder = Path(sys.argv[1])
app = Flask('manifests')
@app.route('/manifest/<group>.json')
def manifest(group):
    path = folder / f'{group}.json'
    if not path.exists():
        abort(404)
    return send_from_directory(folder, path.name, mimetype='application/json')
app.run(host='127.0.0.1', port=int(sys.argv[2]))
`;
const START_MS = 15_000;

/** Resolves when it answers. It writes a line for each request, as it does by itself. @throws Error where python3 has no Flask */
export async function startFlask(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  const port = await freePort();
  const child: ChildProcess = spawn('python3', ['-c', SERVER, folder, String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (text) => (said = `${said}${text}`.slice(-2_000)));
  const url = `http://127.0.0.1:${port}`;
  for (const from = performance.now(); !(await answers(url)); await wait(50)) {
    if (child.exitCode === null && performance.now() - from < START_MS) continue;
    child.kill('SIGKILL');
    throw new Error(`Flask does not serve: ${said.trim().split('\n').at(-1)}`);
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url)
    .then((answer) => answer.arrayBuffer())
    .then(
      () => true,
      () => false,
    );
