// What strangers may try: names that lead out, links on the way, trackers and web seeds inside, wrong bytes, and peers that ask without taking.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeBencode } from '@headgate/protocol/bencode';
import t from 'tap';
import { addressOf, type EngineHome, engineHome, stateOf, until } from './engine-home.ts';
import { enginePids } from './engine-pids.ts';
import { PIECE, torrentOf } from './torrent-of.ts';

t.test('whatever names a torrent has, its files lie where the caller said, and nothing else is written', async (t) => {
  const home = engineHome(t);
  const content = Buffer.alloc(40_000, 'x');
  const names: readonly (readonly [string, readonly string[]])[] = [
    ['..', ['..', '..', 'evil']],
    ['.', ['.bashrc']],
    ['/etc', ['cron.d', 'evil']],
    ['a\0b', ['\0']],
    ['..\\..', ['c:\\evil']],
    ['x', ['', '']],
  ];
  mkdirSync(join(home.folder, 'has'));
  writeFileSync(join(home.folder, 'has/1'), content.subarray(0, 30_000));
  writeFileSync(join(home.folder, 'has/2'), content.subarray(30_000));
  const [seeder, node] = [home.open(), home.open()];
  for (const [index, [name, path]] of names.entries()) {
    const files = [
      { length: 30_000, path: [...path] },
      { length: 10_000, path: [...path, 'deeper'] },
    ];
    const torrent = torrentOf(content, { name, files });
    const staging = join(home.folder, `staging-${index}`);
    mkdirSync(staging);
    const order = { ...torrent, announce: [] };
    await seeder.add({ ...order, folder: join(home.folder, 'has'), files: ['1', '2'], peers: [], readOnly: true }, home.signal);
    await until(() => stateOf(seeder, torrent.infoHash)?.isDone === true, home.signal);
    await node.add({ ...order, folder: staging, files: ['one', 'sub/two'], peers: [addressOf(seeder)] }, home.signal);
    await until(() => stateOf(node, torrent.infoHash)?.isDone === true, home.signal);
    t.same(readdirSync(staging, { recursive: true }).sort(), ['one', 'sub', 'sub/two'], JSON.stringify(name));
    t.ok(Buffer.concat(['one', 'sub/two'].map((file) => readFileSync(join(staging, file)))).equals(content));
  }
  t.same(readdirSync(home.folder).sort(), ['has', ...names.map((_, index) => `staging-${index}`)]);
});

t.test('a link on the way or in a file’s place is not followed', async (t) => {
  const home = engineHome(t);
  const content = home.file('has/film', 40_000);
  const torrent = torrentOf(content, { name: 'film', length: 40_000 });
  const [seeder, node] = [home.open(), home.open()];
  await seeder.add(
    { ...torrent, folder: join(home.folder, 'has'), files: ['film'], peers: [], announce: [], readOnly: true },
    home.signal,
  );
  await until(() => seeder.listening() !== null, home.signal);
  for (const folder of ['staging', 'outside']) mkdirSync(join(home.folder, folder));
  symlinkSync(join(home.folder, 'outside'), join(home.folder, 'staging/way'));
  symlinkSync(join(home.folder, 'outside/x'), join(home.folder, 'staging/place'));
  for (const file of ['way/film', 'place']) {
    const order = { ...torrent, folder: join(home.folder, 'staging'), files: [file], announce: [] };
    await node.add({ ...order, peers: [addressOf(seeder)] }, home.signal);
    await until(() => stateOf(node, torrent.infoHash)?.problem != null, home.signal);
    t.match(stateOf(node, torrent.infoHash)?.problem, /symbolic link|ELOOP/);
  }
  t.same(readdirSync(join(home.folder, 'outside')), []);
});

t.test('trackers and web seeds inside a torrent are never asked, and the engine listens only where it was told', async (t) => {
  const home = engineHome(t);
  const asked: string[] = [];
  const stranger = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  t.teardown(() => stranger.close());
  await until(() => stranger.listening, home.signal);
  const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  const content = home.file('has/film', 40_000);
  const rest = {
    announce: `${url}/announce`,
    'announce-list': [[`${url}/other`]],
    'url-list': [`${url}/seed`],
    nodes: [['127.0.0.1', 1]],
  };
  const torrent = torrentOf(content, { name: 'film', length: 40_000, private: 0 }, rest);
  mkdirSync(join(home.folder, 'staging'));
  const node = home.open({ listen: { address: '127.0.0.2', port: 0 } });
  await node.add({ ...torrent, folder: join(home.folder, 'staging'), files: ['film'], peers: [], announce: [] }, home.signal);
  await until(() => node.listening() !== null, home.signal);
  await wait(1_500);
  t.same(asked, []);
  const [pid] = enginePids();
  const lines = execFileSync('ss', ['-Hlnptu'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`pid=${pid},`));
  t.equal(lines.length, 1, lines.join('\n'));
  t.match(lines[0], new RegExp(`127\\.0\\.0\\.2:${node.listening()?.port} `));
  const open = execFileSync('ss', ['-Hnptua'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`pid=${pid},`));
  t.same(
    open.filter((line) => !line.includes('LISTEN')),
    [],
    'and speaks to nobody',
  );
});

t.test(
  'a peer that tells of others (peer exchange, DHT) is not followed to them, also where the torrent is not private',
  async (t) => {
    const home = engineHome(t);
    let asked = 0;
    const stranger = createTcpServer(() => (asked += 1)).listen(0, '127.0.0.9');
    const udp = createSocket('udp4', () => (asked += 1));
    await new Promise<void>((resolve) => stranger.once('listening', resolve));
    const { port } = stranger.address() as AddressInfo;
    await new Promise<void>((resolve) => udp.bind(port, '127.0.0.9', resolve));
    const torrent = torrentOf(home.file('has/film', 40_000), { name: 'film', length: 40_000 });
    const told: Socket[] = [];
    const teller = createTcpServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', () => {
          const payload = (id: number, text: Uint8Array): Buffer => {
            const head = Buffer.from([0, 0, 0, 0, 20, id]);
            head.writeUInt32BE(2 + text.length);
            return Buffer.concat([head, text]);
          };
          const others = Buffer.from([127, 0, 0, 9, port >> 8, port & 255]);
          const exchange = encodeBencode({ added: others, 'added.f': Buffer.from([0]), dropped: Buffer.alloc(0) });
          socket.write(greeting(torrent.infoHash, [0, 0, 0, 0, 0, 0x10, 0, 1]));
          socket.write(payload(0, encodeBencode({ m: { ut_pex: 1, ut_metadata: 2 } })));
          for (const id of [1, 2, 3]) socket.write(payload(id, exchange));
          socket.write(Buffer.from([0, 0, 0, 3, 9, port >> 8, port & 255]));
          told.push(socket);
        });
    }).listen(0, '127.0.0.1');
    t.teardown(() => {
      for (const socket of told) socket.destroy();
      for (const server of [stranger, teller, udp]) server.close();
    });
    await until(() => teller.listening, home.signal);
    mkdirSync(join(home.folder, 'staging'));
    const node = home.open();
    const peer = `127.0.0.1:${(teller.address() as AddressInfo).port}`;
    await node.add(
      { ...torrent, folder: join(home.folder, 'staging'), files: ['film'], peers: [peer], announce: [] },
      home.signal,
    );
    await until(() => told.length > 0, home.signal);
    await wait(1_500);
    t.equal(asked, 0);
  },
);

t.test('a tracker that does not answer is told without its passkey', async (t) => {
  const home = engineHome(t);
  home.file('film', 40_000);
  const engine = home.open();
  const { infoHash } = await home.seed(engine, 'film', ['http://127.0.0.1:9/announce/hgn_SECRET?key=SECRET']);
  await until(() => stateOf(engine, infoHash)?.problem != null, home.signal);
  t.notMatch(stateOf(engine, infoHash)?.problem, /SECRET/);
});

/** Seeds what is not the torrent's: it believes its stamp. */
async function startLiar(home: EngineHome, torrent: ReturnType<typeof torrentOf>, bytes: number) {
  const liar = home.open({ listen: { address: '127.0.0.2', port: 0 } });
  const wrong = home.file('lie/film', bytes);
  const { size, mtimeMs } = statSync(join(home.folder, 'lie/film'));
  const order = { ...torrent, announce: [], peers: [], folder: join(home.folder, 'lie'), files: ['film'] };
  await liar.add({ ...order, readOnly: true, stamps: [{ size, mtimeMs }] }, home.signal);
  await until(() => liar.listening() !== null, home.signal);
  return { liar, wrong };
}

t.test('bytes that are not the torrent’s never count as done; who sends them is left after a few pieces', async (t) => {
  const home = engineHome(t);
  const content = home.file('has/film', 40_000);
  const torrent = torrentOf(content, { name: 'film', length: 40_000 });
  const { liar, wrong } = await startLiar(home, torrent, 40_000);
  mkdirSync(join(home.folder, 'staging'));
  const node = home.open();
  const order = { ...torrent, announce: [], folder: join(home.folder, 'staging'), files: ['film'] };
  await node.add({ ...order, peers: [addressOf(liar)] }, home.signal);
  await until(() => (stateOf(liar, torrent.infoHash)?.upBps ?? 0) > 0, home.signal);
  t.match(stateOf(node, torrent.infoHash), { isDone: false, bytesInOrder: 0 });
  await until(() => stateOf(node, torrent.infoHash)?.problem != null, home.signal);
  t.match(stateOf(node, torrent.infoHash)?.problem, /Peers sent \d+ pieces that are not the torrent's/);
  const asked = (): number => stateOf(liar, torrent.infoHash)?.peers ?? 0;
  await until(() => stateOf(node, torrent.infoHash)?.peers === 0 && asked() === 0, home.signal);
  await node.add({ ...order, peers: [addressOf(liar)] }, home.signal);
  await wait(1_200);
  t.match(stateOf(node, torrent.infoHash), { isDone: false, peers: 0, problem: null, isFinal: false });
  t.equal(asked(), 0, 'it is not asked anew');
  t.notOk(existsSync(join(home.folder, 'staging/film')) && readFileSync(join(home.folder, 'staging/film')).equals(wrong));
});

t.test('beside a peer that is honest a liar holds up nothing', async (t) => {
  const home = engineHome(t);
  const content = home.file('has/film', 40 * PIECE - 1);
  const torrent = torrentOf(content, { name: 'film', length: content.length });
  const { liar } = await startLiar(home, torrent, content.length);
  const [honest, node] = [home.open(), home.open()];
  const order = { ...torrent, announce: [], files: ['film'] };
  await honest.add({ ...order, folder: join(home.folder, 'has'), peers: [], readOnly: true }, home.signal);
  await until(() => stateOf(honest, torrent.infoHash)?.isDone === true, home.signal);
  mkdirSync(join(home.folder, 'staging'));
  // The liar is there first.
  await node.add({ ...order, folder: join(home.folder, 'staging'), peers: [addressOf(liar), addressOf(honest)] }, home.signal);
  await until(() => stateOf(node, torrent.infoHash)?.isDone === true, home.signal);
  t.ok(readFileSync(join(home.folder, 'staging/film')).equals(content));
});

t.test('peers that ask and do not take cost no memory, and one that asks without an end is dropped', async (t) => {
  const home = engineHome(t, 60_000);
  home.file('film', 40_000_000);
  const engine = home.open();
  const { infoHash } = await home.seed(engine, 'film');
  await until(() => stateOf(engine, infoHash)?.isDone === true, home.signal);
  const [pid] = enginePids();
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000;
  const before = resident();
  const greedy: Socket[] = [];
  for (let i = 0; i < 10; i++) greedy.push(await askWithoutTaking(engine.listening()?.port ?? 0, infoHash, 2_000));
  await wait(2_000);
  const grown = resident() - before;
  // 20,000 answers of 16 KiB would be 330 MB.
  t.ok(grown < 100, `${grown} MB more`);
  for (const socket of greedy) socket.destroy();
  const endless = await askWithoutTaking(engine.listening()?.port ?? 0, infoHash, 20_000);
  endless.resume();
  await until(() => endless.closed, home.signal);
});

t.test('who opens connections without an end gets two hundred', async (t) => {
  const home = engineHome(t);
  home.file('film', 40_000);
  const engine = home.open();
  const { infoHash } = await home.seed(engine, 'film');
  await until(() => stateOf(engine, infoHash)?.isDone === true, home.signal);
  const { port = 0 } = engine.listening() ?? {};
  let closed = 0;
  const sockets = Array.from({ length: 230 }, () =>
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  t.teardown(() => sockets.forEach((socket) => void socket.destroy()));
  for (const socket of sockets) socket.once('close', () => (closed += 1));
  await until(() => closed >= 30, home.signal);
  t.equal(closed, 30);
  const [pid] = enginePids();
  t.ok(readdirSync(`/proc/${pid}/fd`).length < 300);
});

/** BEP 3's. @param abilities the eight bytes for what a peer understands besides. */
const greeting = (infoHash: string, abilities: readonly number[] = Array(8).fill(0)): Buffer =>
  Buffer.concat([
    Buffer.from('\x13BitTorrent protocol'),
    Buffer.from(abilities),
    Buffer.from(infoHash, 'hex'),
    Buffer.alloc(20, '-STRANGE-'),
  ]);

/** Speaks just enough of the protocol (BEP 3) to ask for so many blocks, and reads nothing. */
async function askWithoutTaking(port: number, infoHash: string, blocks: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(greeting(infoHash));
  await new Promise((resolve) => socket.once('readable', resolve));
  socket.write(Buffer.from([0, 0, 0, 1, 2]));
  await wait(300);
  const request = (block: number) => {
    const bytes = Buffer.alloc(17);
    bytes.writeUInt32BE(13, 0);
    bytes.writeUInt8(6, 4);
    bytes.writeUInt32BE(Math.floor(block / 16) % 100, 5);
    bytes.writeUInt32BE((block % 16) * 16_384, 9);
    bytes.writeUInt32BE(16_384, 13);
    return bytes;
  };
  socket.write(Buffer.concat(Array.from({ length: blocks }, (_, block) => request(block))));
  return socket;
}
