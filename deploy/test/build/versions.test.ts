// The version stands in several files, since each is read by itself; it is the same in all of them.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { version as agentVersion } from '../../../agent-router/src/version.ts';
import { VERSION } from '../../../controller/src/wiring/version.ts';

const ROOT = new URL('../../../', import.meta.url);
const versionIn = (path: string): unknown =>
  (JSON.parse(readFileSync(new URL(path, ROOT), 'utf8')) as { version: unknown }).version;

t.test('row 312: the version is the same in all files', async (t) => {
  const { workspaces } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
    readonly workspaces: readonly string[];
  };
  t.ok(workspaces.length > 3);
  // That one has the version of the foreign package that it stands in for.
  const ours = workspaces.filter((name) => name !== 'agent-node/webrtc-stub');
  for (const path of ['package.json', 'package-lock.json', ...ours.map((name) => `${name}/package.json`)])
    t.equal(versionIn(path), VERSION, path);
  t.equal(agentVersion, VERSION, 'the router agent');
  t.match(VERSION, /^\d+\.\d+\.\d+$/);
});
