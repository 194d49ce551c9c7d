// The section data_cap: what the provider allows in a month.
import { z } from 'zod';
import { across } from './schema-tools.ts';
import { size, whole } from './values.ts';

const MOST_BYTES = 1e15;
const MOST_WARNINGS = 10;

const cap = () => size(1e6, MOST_BYTES);

export const dataCapSection = () =>
  z
    .strictObject({
      upload: cap().describe('What may be sent in a month, such as "500GB". GB are 1,000 MB, GiB are 1,024 MiB.').optional(),
      download: cap().describe('What may be received in a month.').optional(),
      together: cap().describe('What may be sent and received together in a month.').optional(),
      month_begins_on: whole(1, 31)
        .describe(
          "Day on which the provider's month begins, at midnight by the clocks of the home; in a shorter month its last day.",
        )
        .prefault(1),
      warn_at: z
        .array(whole(1, 99), { error: 'must be a list of percentages' })
        .max(MOST_WARNINGS, `must have at most ${MOST_WARNINGS} entries`)
        .describe('Percent of a cap at which an event is told, once a month each.')
        .meta({ kind: 'list of whole numbers' })
        .prefault([75, 90]),
      when_reached: z
        .enum(['nothing', 'torrents_to_floor'], { error: 'must be nothing or torrents_to_floor' })
        .describe(
          'What happens beside the event. torrents_to_floor: download clients are kept to `bandwidth.torrent_floor` and `torrents.download_floor` until the month ends.',
        )
        .prefault('nothing'),
    })
    .check(
      across((section, tell) => {
        const { together } = section;
        for (const key of ['upload', 'download'] as const) {
          const one = section[key];
          if (typeof one === 'number' && typeof together === 'number' && one > together)
            tell(key, 'must not be more than together');
        }
      }),
    )
    .transform((section) => ({
      limits: {
        upload: section.upload ?? null,
        download: section.download ?? null,
        together: section.together ?? null,
      },
      beginsOn: section.month_begins_on,
      warnAt: section.warn_at,
      whenReached: section.when_reached,
    }))
    .prefault({});
