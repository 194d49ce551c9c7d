// Pure: a rehearsal's report for a person at a terminal.

import type { Mode } from '../../decision.ts';
import { mbitOf } from '../../rate-words.ts';
import type { DifferenceMoment, ViewerDifference } from './difference-tally.ts';
import { CAVEATS, type RehearsalReport, type ReportSide } from './report.ts';
import type { Excess, LimitFigures } from './side-tally.ts';

const MODES: readonly Mode[] = ['streaming', 'idle', 'safe', 'off', 'unknown'];
const MINUTE_MS = 60_000;

/** @param clock how a moment, UTC ms, is written. */
export function reportInWords(report: RehearsalReport, clock: (utcMs: number) => string): readonly string[] {
  const { span, turns, replayedMs, gaps, differences } = report;
  if (span === null) return ['Nothing is recorded of that time.', ...report.problems.map((one) => `  ${one}`)];
  return [
    `Replayed ${clock(span.from)} to ${clock(span.to)}: ${lasting(replayedMs)}, ${turns} turns.`,
    ...remarks(report, clock),
    '',
    ...sidesInWords(report),
    '',
    differences.moments === 0
      ? 'Nothing would have been otherwise.'
      : `${times(differences.moments)} it would have been otherwise, for ${lasting(differences.differingMs)} together (${percent(differences.differingMs, replayedMs)}).`,
    ...viewersInWords(differences.viewers),
    ...differences.first.flatMap((moment) => momentInWords(moment, clock)),
    ...(differences.moments > differences.first.length
      ? [`  … and ${differences.moments - differences.first.length} times more.`]
      : []),
    '',
    'What a replay cannot know:',
    ...CAVEATS.map((caveat) => `  ${caveat}`),
    ...(gaps.count > 0 ? ['  What happened in the gaps.'] : []),
  ];
}

function remarks(report: RehearsalReport, clock: (utcMs: number) => string): readonly string[] {
  const { gaps, thinnedMs, leftOut, decidedOtherwise, changedByHand, problems } = report;
  const shown = gaps.first.map(({ from, to }) => `${clock(from)} (${lasting(to - from)})`).slice(0, 5);
  return [
    ...(gaps.count > 0
      ? [
          `  ${times(gaps.count)} nothing was recorded, ${lasting(gaps.ms)} together: ${shown.join(', ')}${gaps.count > 5 ? ', …' : ''}.`,
        ]
      : []),
    ...(thinnedMs > 0 ? [`  Of ${lasting(thinnedMs)} only one turn a minute is kept: what was shorter is not seen.`] : []),
    ...(leftOut > 0 ? [`  ${leftOut} turns came too fast to be recorded.`] : []),
    ...(decidedOtherwise > 0
      ? [
          `  In ${decidedOtherwise} turns this Headgate decides otherwise than the one that recorded, under the same settings; "was" is what it would do.`,
        ]
      : []),
    ...(changedByHand.length > 0
      ? [`  Changed by hand in that time: ${changedByHand.join(', ')}; that stands over a configuration here as it did.`]
      : []),
    ...problems.map((one) => `  ${one}`),
  ];
}

/** A table of both policies. */
function sidesInWords({ was, would, replayedMs }: RehearsalReport): readonly string[] {
  const rows: readonly (readonly [string, (side: ReportSide) => string])[] = [
    ...MODES.filter((mode) => was.modesMs[mode] + would.modesMs[mode] > 0).map((mode): [string, (side: ReportSide) => string] => [
      `mode ${mode}`,
      ({ modesMs }) => `${lasting(modesMs[mode])} (${percent(modesMs[mode], replayedMs)})`,
    ]),
    ['torrents kept to', ({ torrents }) => limitInWords(torrents)],
    ['downloads kept to', ({ downloads }) => limitInWords(downloads)],
    ['clients stopped', ({ stoppedMs }) => lasting(stoppedMs)],
    ['limits written', ({ writes }) => `${writes.caps} set, ${writes.restores} put back`],
    ['of these back and forth', ({ writes }) => String(writes.flaps)],
    ['minimums beyond the line', ({ overCommitment }) => excessInWords(overCommitment)],
    ['streams above the budget', ({ exceeded }) => excessInWords(exceeded)],
  ];
  const cells = [['', 'as it was', 'as it would be'], ...rows.map(([name, cell]) => [name, cell(was), cell(would)])];
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const limitInWords = ({ limitedMs, meanBps, leastBps }: LimitFigures): string =>
  meanBps === null || leastBps === null
    ? 'never'
    : `${mbitOf(meanBps)} in the mean of ${lasting(limitedMs)}, least ${mbitOf(leastBps)}`;

const excessInWords = ({ ms, mostBps }: Excess): string => (ms === 0 ? 'never' : `${lasting(ms)}, at most by ${mbitOf(mostBps)}`);

function viewersInWords(viewers: readonly ViewerDifference[]): readonly string[] {
  return viewers
    .filter(({ lowerMs, higherMs }) => lowerMs + higherMs > 0)
    .sort((a, b) => b.lowerMs - a.lowerMs || b.higherMs - a.higherMs)
    .map(
      ({ server, name, lowerMs, higherMs, leastWasBps, leastWouldBps }) =>
        `  ${server}/${name}: lower for ${minutes(lowerMs)}, higher for ${minutes(higherMs)}; least cap ${least(leastWasBps)} → ${least(leastWouldBps)}`,
    );
}

const momentInWords = ({ at, lastedMs, what, wasReason, wouldReason }: DifferenceMoment, clock: (utcMs: number) => string) => [
  `  ${clock(at)}, for ${lasting(lastedMs)}: ${what}`,
  `      was:   ${wasReason}`,
  `      would: ${wouldReason}`,
];

const least = (bps: number | null): string => (bps === null ? 'none' : mbitOf(bps));
const minutes = (ms: number): string => `${Math.round(ms / MINUTE_MS)} min`;
const times = (count: number): string => (count === 1 ? 'Once' : `${count} times`);
const percent = (ms: number, of: number): string => `${of === 0 ? 0 : Math.round((ms / of) * 100)} %`;

/** `2 h 05 min`, `3 min 20 s`, `7 s`. */
function lasting(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [hours, whole] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60)];
  if (hours > 0) return `${hours} h ${String(whole % 60).padStart(2, '0')} min`;
  return whole > 0 ? `${whole} min ${String(seconds % 60).padStart(2, '0')} s` : `${seconds} s`;
}
