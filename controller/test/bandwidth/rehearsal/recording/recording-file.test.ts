// A file of blocks: every truncation and every flipped byte costs what it hits, and never gives a turn that was not recorded.
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../../../src/bandwidth/decide-caps.ts';
import { packBlock } from '../../../../src/bandwidth/rehearsal/recording/block.ts';
import { createOpenBlock } from '../../../../src/bandwidth/rehearsal/recording/open-block.ts';
import { type ReadPart, readFileParts } from '../../../../src/bandwidth/rehearsal/recording/read-recordings.ts';
import {
  outcomeOf,
  RECORDING_VERSION,
  type ReadTurn,
  type RecordedTurn,
} from '../../../../src/bandwidth/rehearsal/recording/recorded-turn.ts';
import { headerOf } from '../../../../src/bandwidth/rehearsal/recording/recording-file.ts';
import { input, M, SETTINGS, watched } from '../../fixtures/decision-input.ts';

const ALL = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const BLOCKS = 3;
const TURNS = 4;

const turnAt = (second: number): RecordedTurn => {
  const given = input({
    ...{ now: 1_000.5 + second * 1_000, utcNow: 1_800_000_000_000 + second * 1_000, otherBps: 3 * M + Math.sin(second) },
    streams: second % 3 === 0 ? [] : [watched('anna', 8 * M)],
  });
  const { allocator: _, ...plain } = given;
  const { decision } = decideCaps(given, NOTHING_DECIDED);
  return { input: plain, configured: SETTINGS, operatorChanged: second === 2, leftOut: second, outcome: outcomeOf(decision) };
};

const TURNS_ALL = Array.from({ length: BLOCKS * TURNS }, (_, second) => turnAt(second));

async function fileOf(turns: readonly RecordedTurn[]): Promise<Buffer> {
  const parts = [headerOf({ version: RECORDING_VERSION, eachMs: 0, by: '0.1.0' })];
  for (let at = 0; at < turns.length; at += TURNS) {
    const [first, ...rest] = turns.slice(at, at + TURNS);
    if (first === undefined) break;
    const block = createOpenBlock(first, NOTHING_DECIDED, turns[at - 1]?.input.now ?? null);
    for (const turn of rest) block.add(turn);
    const content = block.content();
    parts.push(await packBlock(content.text, content));
  }
  return Buffer.concat(parts);
}

const read = (bytes: Buffer) => {
  const parts: readonly ReadPart[] = [...readFileParts('file', bytes, ALL)];
  return {
    turns: parts.flatMap((part): readonly ReadTurn[] => (part.kind === 'turns' ? part.turns : [])),
    problems: parts.flatMap((part) => (part.kind === 'problem' ? [part.sentence] : [])),
  };
};

const known = new Map(TURNS_ALL.map((turn) => [turn.input.now, turn]));
const allAreKnown = (turns: readonly ReadTurn[]): boolean =>
  turns.every(({ turn }) => isDeepStrictEqual(turn, known.get(turn.input.now)));

t.test('what was written is read: turns, what was remembered, and which turn each follows', async (t) => {
  const { turns, problems } = read(await fileOf(TURNS_ALL));
  t.same(problems, []);
  t.strictSame(
    turns.map(({ turn }) => turn),
    TURNS_ALL,
  );
  t.same(
    turns.map(({ follows }) => follows),
    TURNS_ALL.map((_, i) => TURNS_ALL[i - 1]?.input.now ?? null),
  );
  t.same(
    turns.map(({ memory }) => memory !== null),
    TURNS_ALL.map((_, i) => i % TURNS === 0),
  );
  t.strictSame(turns[0]?.memory, NOTHING_DECIDED);
});

t.test('every truncation: whole blocks before it are read, the rest is dropped and told', async (t) => {
  const bytes = await fileOf(TURNS_ALL);
  for (let length = 0; length < bytes.length; length += 1) {
    const { turns, problems } = read(bytes.subarray(0, length));
    const atEdge = problems.length === 0;
    if (
      turns.length % TURNS !== 0 ||
      !isDeepStrictEqual(
        turns.map(({ turn }) => turn),
        TURNS_ALL.slice(0, turns.length),
      )
    )
      return t.fail(`${length} bytes: ${turns.length} turns`);
    if (!atEdge && !/ends within a block: \d+ bytes|is no recording/.test(problems.join()))
      return t.fail(`${length} bytes: ${problems.join()}`);
  }
  return t.pass(`${bytes.length} truncations`);
});

t.test('every flipped byte: nothing is read that was not recorded, and the loss is told', async (t) => {
  const bytes = await fileOf(TURNS_ALL);
  for (let at = 0; at < bytes.length; at += 1) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    const { turns, problems } = read(flipped);
    if (problems.length === 0) return t.fail(`byte ${at}: no word of it`);
    if (!allAreKnown(turns)) return t.fail(`byte ${at}: a turn that never was`);
    const inBlocks = at >= bytes.indexOf('\n') + 1;
    if (inBlocks && turns.length !== (BLOCKS - 1) * TURNS) return t.fail(`byte ${at}: ${turns.length} turns`);
  }
  return t.pass(`${bytes.length} bytes`);
});

t.test('a file of another form is refused in one sentence that names both', async (t) => {
  const older = headerOf({ version: RECORDING_VERSION - 1, eachMs: 0, by: '0.0.9' });
  const { turns, problems } = read(Buffer.concat([older, Buffer.from('whatever it had')]));
  t.same(turns, []);
  t.same(problems, [
    `file was recorded by Headgate 0.0.9 in form ${RECORDING_VERSION - 1}, and this Headgate reads form ${RECORDING_VERSION}: it cannot be replayed`,
  ]);
  t.match(read(Buffer.from('PK a zip\n')).problems, ['file is no recording, or its beginning is damaged']);
});

t.test('the fields of an input are those of form 1: with others, raise RECORDING_VERSION and say them here', async (t) => {
  const { settings, streams, viewers, torrents, line, ...rest } = input({ streams: [watched('anna', M)] });
  const fields = (value: unknown): string => Object.keys(value as object).join(' ');
  t.same(
    [RECORDING_VERSION, ...[rest, settings, line, streams[0], viewers[0], torrents[0], NOTHING_DECIDED].map(fields)],
    [
      1,
      'now utcNow allocator boosts capacityUpBps capacityDownBps otherBps otherDownBps rush routerSilentMs serverLost',
      'enabled dryRun rule algorithm apply minPerViewerBps maxPerViewerBps stepBps writeIntervalMs throttleAfterMs restoreAfterMs runningStreams renegotiateClients viewerMessage torrentFloorBps reserve capacityUpBps capacityDownBps classes defaultClass viewers torrents torrentClients',
      'shaperUpBps shaperDownBps orderedUpBps orderedDownBps soonKnown knownFromStart',
      'key server viewer stream location demand startedAt counts draws cutOff capState wishBps wireBps',
      'key server name eligible ceilingBps',
      'client onUplink uploads uploadBps downloadBps mode ceilingBps downloadCeilingBps',
      'phase mode holds caps sending fetching fetchedBps paused',
    ],
  );
});
