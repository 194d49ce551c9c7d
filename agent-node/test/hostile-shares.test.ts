// Manifests, torrents and web seeds of somebody who means harm, all tried on a whole node: nothing is written outside its folders, and nobody but its
// controller is spoken to. Both are read off the kernel's calls, of the node and of its torrent process.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ManifestItem } from '@headgate/protocol';
import t, { type Test } from 'tap';
import { freePort } from '../../deploy/demo/free-port.ts';
import { type NodeHome, startNodeHome } from './node-home.ts';
import { bytesOf, sha256Of } from './share-server.ts';
import { torrentOf } from './torrent/torrent-of.ts';
import { readTrace, traceInto } from './traced.ts';

t.setTimeout(120_000);
const STRANGER = '127.0.0.9';

/** Hears whoever speaks to it, by TCP or UDP. */
async function startStranger(t: Test): Promise<{ readonly port: number; readonly heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    heard.push('tcp');
    socket.on('error', () => {}).destroy();
  }).listen(0, STRANGER);
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  const udp = createSocket('udp4', () => void heard.push('udp')).bind(port, STRANGER);
  await once(udp, 'listening');
  t.teardown(() => {
    server.close();
    udp.close();
  });
  return { port, heard };
}

type Answer = Parameters<NodeHome['server']['intercept']>[1];
/** By path and query: what is answered in place of the controller's own. */
type Answers = Map<string, (response: Answer) => void>;

/** More than anybody wants, as fast as it is taken. */
function endless(response: Answer): void {
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536, 'd'))) {}
  };
  response.on('error', () => {}).on('drain', more);
  response.writeHead(200);
  more();
}

t.test('a hostile share', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  const stranger = await startStranger(t);
  const elsewhere = `http://${STRANGER}:${stranger.port}`;
  const toStranger = (response: Answer): void => void response.writeHead(302, { location: `${elsewhere}/moved` }).end();
  const answers: Answers = new Map();
  server.intercept = ({ url = '' }, response) => {
    const answer = answers.get(url);
    answer?.(response);
    return answer !== undefined;
  };
  const hash = (name: string): string => sha256Of(Buffer.from(name)).slice(0, 40);
  /** What the controller has as a web seed, with a torrent that is whatever `answer` says. */
  const shared = (
    name: string,
    answer: ((response: Answer) => void) | null,
    change: Partial<ManifestItem> = {},
  ): ManifestItem => {
    const infoHash = change.info_hash ?? hash(name);
    if (answer !== null) answers.set(`/torrent/${infoHash}.torrent`, answer);
    return server.share(`${infoHash}/${name}`, bytesOf(90_000, name), { path: `${name}.mkv`, ...change });
  };
  /** Whose torrent is real, but for `info` and `rest`. */
  const withTorrent = (
    name: string,
    info: Parameters<typeof torrentOf>[1],
    rest: Parameters<typeof torrentOf>[2] = {},
  ): ManifestItem => {
    const { infoHash, torrent } = torrentOf(bytesOf(90_000, name), { length: 90_000, ...info }, rest);
    return shared(name, (response) => void response.end(torrent), {
      info_hash: infoHash,
      torrent: `magnet:?xt=urn:btih:${infoHash}`,
    });
  };
  const foreign = {
    announce: `${elsewhere}/announce`,
    'announce-list': [[`udp://${STRANGER}:${stranger.port}/announce`], [`ws://${STRANGER}:${stranger.port}`]],
    'url-list': [`${elsewhere}/seed/`],
    httpseeds: [`${elsewhere}/seed`],
    nodes: [[STRANGER, stranger.port]],
  };
  const askAround = [
    `tr=${encodeURIComponent(`${elsewhere}/announce`)}&tr=${encodeURIComponent(`udp://${STRANGER}:${stranger.port}`)}`,
    `xs=${encodeURIComponent(`${elsewhere}/exact.torrent`)}&as=${encodeURIComponent(`${elsewhere}/other`)}`,
    `ws=${encodeURIComponent(`${elsewhere}/seed/`)}&x.pe=${STRANGER}:${stranger.port}&dn=..%2F..%2Fevil`,
  ].join('&');

  // What comes all the same, by the controller's own web seed.
  const harmless = [
    shared('magnet', null, { torrent: `magnet:?xt=urn:btih:${hash('magnet')}&${askAround}` }),
    shared('moved', toStranger),
    shared('endless', endless),
    shared('rubbish', (response) => void response.end('d4:infod6:lengthi90000e')),
    shared('deep', (response) => void response.end('l'.repeat(1_000_000))),
    withTorrent('inside', { name: 'inside' }, foreign),
    withTorrent('public', { name: 'public', private: 0 }, foreign),
    withTorrent('up', { name: '..' }),
    withTorrent('dot', { name: '.bashrc' }),
    withTorrent('absolute', { name: '/etc/cron.d/evil' }),
    withTorrent('zero', { name: 'a\0../b' }),
    withTorrent('long', { name: 'n'.repeat(5_000) }),
    withTorrent('huge', { name: 'huge', length: 2 ** 45 }),
    withTorrent('negative', { name: 'negative', length: -1 }),
    withTorrent('sums', { name: 'sums', pieces: Buffer.alloc(20) }),
    withTorrent('nothing', { name: 'nothing', 'piece length': 0 }),
    withTorrent('many', { name: 'many', files: Array.from({ length: 3_000 }, () => ({ length: 30, path: ['f'] })) }),
    withTorrent('twice', {
      name: 'twice',
      files: [
        { length: 45_000, path: ['..', 'x'] },
        { length: 45_000, path: ['..', 'x'] },
      ],
    }),
  ];
  const another = torrentOf(bytesOf(90_000, 'x'), { name: 'x', length: 90_000 });
  harmless.push(shared('another', (response) => void response.end(another.torrent)));

  // What cannot come.
  const seedOf = ({ info_hash: infoHash, path }: ManifestItem): string => `/web-seed/${infoHash}/${encodeURIComponent(path)}`;
  const never = ['led away', 'without end', 'other bytes', 'short'].map((name) => shared(name, null));
  const [ledAway, withoutEnd, otherBytes, short] = never.map(seedOf);
  answers.set(ledAway ?? '', toStranger);
  answers.set(withoutEnd ?? '', endless);
  answers.set(otherBytes ?? '', (response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-89999/90000', 'content-length': 90_000 }).end(bytesOf(90_000, 'evil'));
  });
  answers.set(short ?? '', (response) => void response.writeHead(206, { 'content-range': 'bytes 0-9/90000' }).end('0123456789'));
  const foreignLink = { title: 'L', torrent: `${elsewhere}/film.torrent`, path: 'Films/linked.mkv' };
  const foreignMagnet = { title: 'M', torrent: `magnet:?xt=urn:btih:${hash('nobody')}&${askAround}`, path: 'Films/nobody.mkv' };

  // What is not even taken.
  mkdirSync(join(home.folder, 'outside'));
  mkdirSync(home.library);
  symlinkSync(join(home.folder, 'outside'), join(home.library, 'Out'));
  const refused = [
    '../out.mkv',
    '/etc/cron.d/evil',
    'a\\..\\..\\b',
    '.ssh/authorized_keys',
    'x/../../y',
    'nul\0.mkv',
    'dot.',
    '.headgate/state/x',
  ];
  const local = ['/etc/passwd', 'file:///etc/passwd', './node.yaml'];
  const notTaken = [
    ...refused.map((path) => ({ ...shared('never', null), path })),
    ...local.map((torrent, at) => ({ ...shared('never', null), torrent, path: `local-${at}.mkv` })),
    { ...shared('never', null), path: 'Folder', files: [{ path: '../../z.mkv', size: 1, sha256: 'a'.repeat(64) }] },
  ];
  server.publish('family', [
    ...harmless,
    ...never,
    foreignLink,
    foreignMagnet,
    shared('by link', null, { path: 'Out/film.mkv' }),
    ...notTaken,
  ] as ManifestItem[]);

  const trace = join(home.folder, 'trace');
  const torrent = `torrent: { listen: 127.0.0.1, port: ${await freePort()}, patience_seconds: 1 }`;
  const ran = await home.run(['--once'], {
    yaml: `${torrent}\ndownload: { min_free_gb: 0, attempts: 1, stall_seconds: 5, parallel: 4 }\n`,
    under: traceInto(trace),
  });

  t.equal(ran.code, 1, 'some of it could not be had');
  await t.test('all that could be had lies at its own place, and nothing else is there', async (t) => {
    t.same(home.seen(), [...harmless.map(({ path }) => path), 'Out'].sort(), ran.err);
    for (const { path } of harmless) t.ok(home.read(path)?.equals(bytesOf(90_000, path.slice(0, -4))), path);
    t.same(readdirSync(join(home.folder, 'outside')), []);
  });
  await t.test('what was not had says why', async (t) => {
    const said = (path: string): string => ran.err.split('\n').find((line) => line.includes(`"path":"${path}"`)) ?? '';
    for (const [path, why] of [
      ['led away.mkv', /answers 302 to a range/],
      ['without end.mkv', /answers 200 to a range/],
      ['other bytes.mkv', /they lie in quarantine/],
      ['short.mkv', /answers 206 to a range/],
      ['Films/linked.mkv', /lies on 127\.0\.0\.9:\d+, which is not on the allow-list/],
      ['Films/nobody.mkv', /its trackers \(127\.0\.0\.9:\d+.* are not on the allow-list/],
      ['Out/film.mkv', /leads out of the library/],
    ] as const)
      t.match(said(path), why, path);
    t.equal(ran.err.match(/an item of the manifest is not taken/g)?.length, notTaken.length);
  });
  await t.test('only its controller was spoken to, by both processes', async (t) => {
    t.same(readTrace(trace).spokenTo, [new URL(server.url).host]);
    t.same(stranger.heard, []);
  });
  await t.test('nothing was made, changed or taken away outside of its library', async (t) => {
    const { changed } = readTrace(trace);
    t.ok(changed.length > 50, 'what it did was seen');
    const isWithin = (path: string): boolean => `${path}/`.startsWith(`${home.library}/`) && !path.includes('/../');
    t.same(
      changed.filter((path) => !isWithin(path) && path !== '/dev/null'),
      [],
    );
  });
});
