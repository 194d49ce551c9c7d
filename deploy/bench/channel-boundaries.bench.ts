// A hundred joins of mixed sources by the splicer, read by ffmpeg and ffprobe as a player and as Jellyfin do, beside the same files simply sent one after another.
import { askFfmpeg, type Verdict } from '../../controller/test/live/transport-stream/fixtures/ask-ffmpeg.ts';
import { checkStream, holes } from '../../controller/test/live/transport-stream/fixtures/check-stream.ts';
import { joinMixedSources, seededRandom } from '../../controller/test/live/transport-stream/fixtures/join-sources.ts';
import { makeMixedSources } from '../../controller/test/live/transport-stream/fixtures/make-source.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';

const name = 'channel-boundaries';
const JOINS = 100;

export const bench: Bench = { name, lines };

async function lines(): Promise<BenchLine[]> {
  const seed = Date.now() % 1_000_000;
  console.error(`${name}: seed ${seed}`);
  const { bytes, joins, gaps, lateTicks, frameTicks } = await joinMixedSources(JOINS, seed);
  const verdict = await askFfmpeg(bytes);
  const { faults, pts } = checkStream(bytes);
  const bare = await bareJoins(seed);
  const frames = (ticks: readonly number[]): number =>
    Math.round((Math.max(0, ...ticks.map(Math.abs)) / frameTicks) * 1_000) / 1_000;
  const against = (value: (of: Verdict) => number) => ({ name: 'files end to end', value: value(bare) });
  const none = (line: string, value: (of: Verdict) => number): BenchLine =>
    judge({ name, line, value: value(verdict), unit: 'faults', baseline: against(value) }, { atMost: 0 });
  return [
    none(`continuity errors at ${joins} joins of mixed sources (seed ${seed})`, (of) => of.continuityErrors + of.corrupt),
    judge({ name, line: 'DTS that do not rise, ffmpeg as a player', value: verdict.nonMonotonic, unit: 'faults' }, { atMost: 0 }),
    none("DTS that do not rise, ffmpeg with Jellyfin's flags", (of) => of.nonMonotonicJellyfin),
    none('DTS that do not rise, ffprobe', (of) => of.probed.falling),
    none('warnings of ffmpeg', (of) => of.complaints.length),
    judge({ name, line: 'faults by a reader of our own', value: faults.length, unit: 'faults' }, { atMost: 0 }),
    judge({ name, line: 'largest gap between two pictures at a join', value: frames(gaps), unit: 'frames' }, { atMost: 1 }),
    judge(
      {
        name,
        line: 'largest hole or overlap between pictures anywhere',
        value: frames(holes(pts.video, frameTicks, 2)),
        unit: 'frames',
      },
      { atMost: 1 },
    ),
    judge({ name, line: 'latest start after its boundary', value: frames(lateTicks), unit: 'frames' }, { atMost: 1 }),
  ];
}

/** As many of the same files, whole, as they come. */
async function bareJoins(seed: number): Promise<Verdict> {
  const sources = await makeMixedSources();
  const random = seededRandom(seed);
  const parts = Array.from({ length: JOINS + 1 }, () => sources[Math.floor(random() * sources.length)] ?? new Uint8Array());
  return askFfmpeg(Buffer.concat(parts));
}
