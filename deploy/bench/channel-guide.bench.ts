// The guide of a hundred channels: its first rendering, one channel of it over real HTTP beside a bare node:http server that sends the same bytes, and what stalled readers cost.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { type ChannelHome, channelBody, openChannelHome } from './channel-home.ts';
import { type Rate, rateOf } from './http-load.ts';
import { guideOf, serveChannels } from './serve-channels.ts';

const name = 'channel-guide';
const CHANNELS = 100;
const CONNECTIONS = 8;
const LOAD_MS = 3_000;
/** Of facts/seeds.md §3: GET /api/livetv/xmltv/1 of JellyStream, median. */
const SEED_PER_SECOND = 85;
const STALLED = 8;
const STALLED_MS = 2_000;

export const bench: Bench = {
  name,
  async lines() {
    await using home = await openChannelHome();
    for (let n = 0; n < CHANNELS; n += 1) await home.channels.create(channelBody(n));
    const first = await firstRendering(home);
    await using served = await serveChannels(home);
    return [first.line, ...(await rateLines(served)), await stalledLine(served, first.bytes)];
  },
};

type Served = Awaited<ReturnType<typeof serveChannels>>;

/** From the table to the last byte, nothing remembered. */
async function firstRendering(home: ChannelHome): Promise<{ readonly line: BenchLine; readonly bytes: number }> {
  const from = performance.now();
  const guide = await guideOf(home).guide(home.channels.all(), { root: 'http://tv.example:8400/live/token', logo: () => null });
  let bytes = 0;
  for await (const chunk of guide.chunks()) bytes += chunk.length;
  const value = Math.round(performance.now() - from);
  const line = `first rendering of ${CHANNELS} channels for 7 days, ${megabytes(bytes)} MB`;
  return { line: judge({ name, line, value, unit: 'ms' }, { atMost: 1_000 }), bytes };
}

async function rateLines({ url, token }: Served): Promise<readonly BenchLine[]> {
  const address = `${url}/api/livetv/xmltv/1?token=${token}`;
  const plain = await fetch(address, { headers: { 'accept-encoding': 'identity' } });
  const bytes = Buffer.from(await plain.arrayBuffer());
  const etag = plain.headers.get('etag') ?? '';
  const load = (headers: Record<string, string>, at = address): Promise<Rate> =>
    rateOf({ url: at, connections: CONNECTIONS, ms: LOAD_MS, headers });
  await load({});
  const ours = await load({});
  const bare = await bareRate(bytes, (at) => load({}, at));
  const known = await load({ 'If-None-Match': etag });
  const packed = await load({ 'Accept-Encoding': 'gzip' });
  if (ours.status !== 200 || packed.status !== 200 || known.status !== 304 || packed.bytesEach > bytes.length / 2)
    throw new Error(`unexpected answers: ${JSON.stringify({ ours, known, packed })}`);
  const what = `one channel's 7 days, ${Math.round(bytes.length / 1_000)} kB, ${CONNECTIONS} connections`;
  const baseline = { name: 'bare node:http, same bytes', value: Math.round(bare.perSecond) };
  const rate = (line: string, { perSecond }: Rate): BenchLine =>
    judge({ name, line, value: Math.round(perSecond), unit: '1/s', baseline }, { atLeast: 1_000 });
  return [
    rate(`${what} (seed: ${SEED_PER_SECOND}/s)`, ours),
    rate('the same, packed', packed),
    rate('the same, 304 to whoever has it', known),
    judge(
      {
        ...{ name, line: 'CPU of one such request', value: Math.round(ours.cpuMsEach * 1_000) / 1_000, unit: 'ms' },
        baseline: { name: baseline.name, value: Math.round(bare.cpuMsEach * 1_000) / 1_000 },
      },
      { atMost: 1 },
    ),
  ];
}

async function bareRate(bytes: Buffer, load: (url: string) => Promise<Rate>): Promise<Rate> {
  const head = { 'Content-Type': 'application/xml; charset=utf-8', 'Content-Length': bytes.length };
  const server = createServer((_, response) => void response.writeHead(200, head).end(bytes));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await load(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What is held for readers of the whole guide that do not read on. The kernel's own buffers are beside. */
async function stalledLine({ port, token }: Served, guideBytes: number): Promise<BenchLine> {
  const before = await held();
  const readers = await Promise.all(Array.from({ length: STALLED }, () => stalledReader(port, `/live/${token}/guide.xml`)));
  await wait(STALLED_MS);
  const value = megabytes((await held()) - before);
  for (const reader of readers) reader.destroy();
  const baseline = { name: 'the document for each', value: megabytes(STALLED * guideBytes) };
  const line = `memory for ${STALLED} stalled readers of the whole guide`;
  return judge({ name, line, value, unit: 'MB', baseline }, { ratioAtMost: 0.25 });
}

async function stalledReader(port: number, path: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\nAccept-Encoding: identity\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

/** Without what is garbage: Node's collector, asked for by hand. */
async function held(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // Buffers are given back a little later than what held them.
  await wait(200);
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const megabytes = (bytes: number): number => Math.round(bytes / 100_000) / 10;
