// A film read from any place: right bytes whatever the order, few questions for a search, and clear ends where a server misbehaves.
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { type AskRange, createRangeReader, type FilmBytes, type RangeAnswer } from '../../src/live/range-reader.ts';
import { freshSeed, seededRandom } from '../fixtures/seeded-random.ts';

const NEVER = new AbortController().signal;
const film = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, i) => i).buffer);

type Server = { readonly asked: string[]; readonly ask: AskRange };
type Twist = (answer: RangeAnswer, nth: number) => RangeAnswer;

/** Gives its bytes in pieces of 10,007. */
function serverOf(twist: Twist = (answer) => answer): Server {
  const asked: string[] = [];
  return {
    asked,
    async ask(range) {
      asked.push(range);
      const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
      const part = film.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
      const told = { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${film.length}`, 'x-name': 'film' };
      return twist({ statusCode: 206, headers: told, body: inPieces(part) }, asked.length);
    },
  };
}

async function* inPieces(part: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < part.length; at += 10_007) yield part.subarray(at, at + 10_007);
}

const filmOf = (answer: FilmBytes | { readonly answer: RangeAnswer }): FilmBytes => {
  if ('answer' in answer) throw new Error(`answered ${answer.answer.statusCode}`);
  return answer;
};

/** The first bytes from a place; the reader leaves after them. */
async function take({ bytes }: FilmBytes, count: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let had = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    had += piece.length;
    if (had >= count) break;
  }
  return Buffer.concat(pieces).subarray(0, count);
}

t.test('bytes from any place are the film, alone and side by side', async (t) => {
  const seed = freshSeed();
  t.comment(`seed ${seed}`);
  const random = seededRandom(seed);
  const server = serverOf();
  const reader = createRangeReader(server.ask);
  const look = async (): Promise<boolean> => {
    const at = Math.floor(random() * film.length);
    const count = Math.min(film.length - at, 1 + Math.floor(random() ** 4 * 900_000));
    const opened = filmOf(await reader.from(at, NEVER));
    return opened.size === film.length && (await take(opened, count)).equals(film.subarray(at, at + count));
  };
  for (let i = 0; i < 60; i += 1) t.ok(await look());
  t.ok((await Promise.all(Array.from({ length: 20 }, look))).every((right) => right));
  t.same(filmOf(await reader.from(0, NEVER)).headers['x-name'], 'film');
  const whole = filmOf(await reader.from(0, NEVER));
  t.ok((await take(whole, film.length)).equals(film));
});

t.test('a search for the last time stamp and for a moment costs three questions', async (t) => {
  const server = serverOf();
  const reader = createRangeReader(server.ask);
  // What ffmpeg 5.1 asked of an MPEG-TS: bytes before the end, doubled each time, then forwards again; then around the moment.
  const back = [250_000, 940, 3_008, 7_144, 15_228, 31_584, 64_484, 129_908, 260_944, 257_184, 229_172, 29_140];
  const around = [0, 56_024, 28_012, 189, 27_636, 24_817, 21_998, 21_810];
  const places = [0, ...back.map((bytes) => film.length - bytes), ...around.map((bytes) => 1_900_000 + bytes)];
  for (const at of places) {
    const taken = await take(filmOf(await reader.from(at, NEVER)), 900);
    t.ok(taken.equals(film.subarray(at, at + 900)));
    await turn(); // what was asked for is there
  }
  t.equal(server.asked.length, 3, server.asked.join(' '));
});

t.test('what is read ahead is asked for once, also while it comes', async (t) => {
  const server = serverOf();
  const reader = createRangeReader(server.ask);
  const ahead = reader.readAhead();
  t.ok((await take(filmOf(await reader.from(7, NEVER)), 100)).equals(film.subarray(7, 107)));
  await ahead;
  await createRangeReader(server.ask).readAhead(1_000_000);
  await turn();
  for (const at of [100_000, film.length - 250_000, film.length - 3])
    t.ok((await take(filmOf(await reader.from(at, NEVER)), 3)).equals(film.subarray(at, at + 3)));
  t.same(server.asked, ['bytes=0-524287', 'bytes=3473408-3999999', 'bytes=0-999999', 'bytes=3473408-3999999']);
});

t.test('reading ahead of a server without ranges, or of none, leaves all to who asks', async (t) => {
  let closed = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      while (true) yield film;
    } finally {
      closed += 1;
    }
  }
  const server = serverOf(() => ({ statusCode: 200, headers: {}, body: endless() }));
  const reader = createRangeReader(server.ask);
  await reader.readAhead();
  t.equal(closed, 1);
  t.match(await reader.from(0, NEVER), { answer: { statusCode: 200 } });
  const dead = createRangeReader(() => Promise.reject(new Error('refused')));
  await dead.readAhead();
  await t.rejects(dead.from(0, NEVER), /refused/);
});

t.test('a place that a slow or hanging answer is far from is asked for by itself', async (t) => {
  const hung = Promise.withResolvers<never>();
  async function* hanging(part: Buffer): AsyncGenerator<Buffer> {
    yield part;
    await hung.promise;
  }
  const server = serverOf((answer, nth) => (nth > 1 ? answer : { ...answer, body: hanging(film.subarray(0, 2_000)) }));
  const reader = createRangeReader(server.ask);
  t.ok((await take(filmOf(await reader.from(0, NEVER)), 2_000)).equals(film.subarray(0, 2_000)));
  t.ok((await take(filmOf(await reader.from(300_000, NEVER)), 100)).equals(film.subarray(300_000, 300_100)));
  t.equal(server.asked.length, 2);
  hung.reject(new Error('ended'));
});

t.test('reading on asks once for the rest, and then keeps nothing', async (t) => {
  const server = serverOf();
  const reader = createRangeReader(server.ask);
  await take(filmOf(await reader.from(2_200_000, NEVER)), 1_500_000);
  t.same(server.asked, ['bytes=2162688-2724287', 'bytes=2724288-']);
});

t.test('a server without ranges, and one that refuses, answer for themselves', async (t) => {
  for (const statusCode of [200, 401, 416]) {
    const server = serverOf(({ body }) => ({ statusCode, headers: {}, body }));
    const answer = await createRangeReader(server.ask).from(0, NEVER);
    t.match(answer, { answer: { statusCode } });
  }
});

t.test('another place than asked for is no answer', async (t) => {
  const server = serverOf(({ headers, ...rest }) => ({ ...rest, headers: { ...headers, 'content-range': 'bytes 5-9/4000000' } }));
  t.match(await createRangeReader(server.ask).from(0, NEVER), { answer: { statusCode: 206 } });
});

t.test('a server that breaks off, or gives too much, breaks off the reader; the next question is asked anew', async (t) => {
  const short: Twist = (answer, nth) => (nth > 1 ? answer : { ...answer, body: inPieces(film.subarray(0, 30_021)) });
  const endless: Twist = (answer, nth) => (nth > 1 ? answer : { ...answer, body: inPieces(film) });
  for (const [twist, message] of [
    [short, /less than it said/],
    [endless, /more than it was asked for/],
  ] as const) {
    const server = serverOf(twist);
    const reader = createRangeReader(server.ask);
    await t.rejects(take(filmOf(await reader.from(0, NEVER)), 4_000_000), message);
    t.ok((await take(filmOf(await reader.from(20, NEVER)), 50_000)).equals(film.subarray(20, 50_020)));
  }
});

t.test('a film that was replaced meanwhile is not mixed with the old one', async (t) => {
  const server = serverOf((answer, nth) => {
    const told = String(answer.headers['content-range']).replace(/\d+$/, nth > 1 ? '3999999' : '4000000');
    return { ...answer, headers: { 'content-range': told } };
  });
  const reader = createRangeReader(server.ask);
  await take(filmOf(await reader.from(0, NEVER)), 10);
  await t.rejects(reader.from(2_000_000, NEVER), /changed at the media server/);
});

t.test('with no answer at all the question fails', async (t) => {
  const reader = createRangeReader(() => Promise.reject(new Error('refused')));
  await t.rejects(reader.from(0, NEVER), /refused/);
});
