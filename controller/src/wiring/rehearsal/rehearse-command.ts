// `--rehearse OTHER.yaml`: what would have been decided under another configuration, from what was recorded. Works beside a running Headgate.
import { builtInAllocators } from '../../bandwidth/allocators/built-in.ts';
import { viewReport } from '../../bandwidth/rehearsal/rehearsal-view.ts';
import { rehearse } from '../../bandwidth/rehearsal/replay/rehearse.ts';
import { reportInWords } from '../../bandwidth/rehearsal/replay/report-in-words.ts';
import type { Config } from '../../config/config-schema.ts';
import { ruledSettings } from '../bandwidth-of-config.ts';
import { momentOf, writeMoment } from './moments.ts';
import { recordingsFolder } from './open-rehearsal.ts';
import { notReplayed, policyOf } from './other-policy.ts';

export type RehearseOptions = {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly json: boolean;
  /** UTC ms. */
  readonly now: number;
};

const DAY_MS = 86_400_000;

/** Text for standard output; `code` 1 where nothing is recorded of the time. @throws Error for a time that is none. */
export async function rehearseCommand(
  config: Config,
  other: Config,
  { from, to, json, now }: RehearseOptions,
): Promise<{ readonly text: string; readonly code: number }> {
  const { timeZone } = config.home;
  const end = to === undefined ? now : momentOf('--to', to, timeZone);
  const start = from === undefined ? end - DAY_MS : momentOf('--from', from, timeZone);
  if (start >= end) throw new Error('--from must be before --to');
  const report = await rehearse({
    folder: recordingsFolder(config),
    span: { from: start, to: end },
    policy: policyOf({ kind: 'configuration', ruled: ruledSettings(other) }),
    allocators: builtInAllocators,
  });
  const remarks = notReplayed(config, other);
  const lines = json
    ? [JSON.stringify(viewReport(report, remarks), null, 2)]
    : [...reportInWords(report, (ms) => writeMoment(ms, timeZone)), ...remarks.map((one) => `  ${one}`)];
  return { text: `${lines.join('\n')}\n`, code: report.span === null ? 1 : 0 };
}
