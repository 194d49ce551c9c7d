// The door for `--restore` and `--test`: real unix sockets, also with callers that break off.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLog } from '../../src/log.ts';
import { askInstance, openControlSocket } from '../../src/wiring/control-socket.ts';

/** Short: a unix socket's path holds 107 bytes, and tap's own folders are longer. */
const newFolder = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-door-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const open = async (t: Test, folder: string, restore: () => Promise<unknown> = async () => ['anna at main']) => {
  const door = await openControlSocket(folder, { restore, status: async () => ({ mode: 'idle' }) }, silentLog);
  t.teardown(() => door[Symbol.asyncDispose]());
  return door;
};

t.test('nobody runs: null, and no error', async (t) => {
  t.equal(await askInstance(await newFolder(t), 'restore'), null);
  t.equal(await askInstance(join(await newFolder(t), 'no', 'such', 'folder'), 'status'), null);
});

t.test('an instance answers with the value', async (t) => {
  const folder = await newFolder(t);
  await open(t, folder);
  t.same(await askInstance(folder, 'restore'), { ok: true, value: ['anna at main'] });
  t.same(await askInstance(folder, 'status'), { ok: true, value: { mode: 'idle' } });
});

t.test('what fails there is told, and it answers again', async (t) => {
  const folder = await newFolder(t);
  await open(t, folder, async () => {
    throw new Error('Jellyfin is away');
  });
  t.same(await askInstance(folder, 'restore'), { ok: false, error: 'Jellyfin is away' });
  t.match(await askInstance(folder, 'status'), { ok: true });
});

t.test('the socket is for its owner only, and gone after the end', async (t) => {
  const folder = await newFolder(t);
  const door = await open(t, folder);
  t.equal((await stat(join(folder, 'control.sock'))).mode & 0o777, 0o600);
  await door[Symbol.asyncDispose]();
  await t.rejects(stat(join(folder, 'control.sock')));
  t.equal(await askInstance(folder, 'status'), null);
});

t.test('a file that a dead instance left does not block', async (t) => {
  const folder = await newFolder(t);
  await writeFile(join(folder, 'control.sock'), '');
  await open(t, folder);
  t.match(await askInstance(folder, 'status'), { ok: true });
});

t.test('callers that break off, or ask for something else, do no harm', async (t) => {
  const folder = await newFolder(t);
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await open(t, folder, () => held);
  const rude = connect(join(folder, 'control.sock'), () => {
    rude.write('restore\n', () => rude.destroy());
  });
  rude.on('error', () => {});
  await new Promise((resolve) => rude.once('close', resolve));
  release();
  const other = connect(join(folder, 'control.sock'), () => other.write('launch\n'));
  const said = await new Promise<string>((resolve) => other.setEncoding('utf8').once('data', resolve));
  t.same(JSON.parse(said), { ok: false, error: 'unknown command' });
  other.destroy();
  t.match(await askInstance(folder, 'status'), { ok: true });
});

t.test('a path too long for a socket is told, and nobody is asked', async (t) => {
  const folder = join(await newFolder(t), 'x'.repeat(120));
  await open(t, folder);
  t.equal(await askInstance(folder, 'status'), null);
});
