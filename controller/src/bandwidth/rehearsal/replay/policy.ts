// Pure: the settings under which a recorded turn is decided anew.
import type { BandwidthSettings } from '../../settings.ts';
import { type Overrides, withOverrides } from '../other-settings.ts';
import { changesBetween } from '../recording/changes.ts';
import type { RecordedTurn } from '../recording/recorded-turn.ts';

export type Policy = (turn: RecordedTurn) => BandwidthSettings;

/** As it was. */
export const recordedPolicy: Policy = ({ input }) => input.settings;

/** As it was, but for these. */
export function overridingPolicy(overrides: Overrides): Policy {
  return remembering(({ input }) => withOverrides(input.settings, overrides));
}

/** Of another configuration, at the hour of the turn; what had been changed by hand stands over it, as it did. */
export function configuredPolicy(settingsAt: (utcMs: number) => BandwidthSettings): Policy {
  const changed = createHandChanges();
  return (turn) => ({ ...settingsAt(turn.input.utcNow), ...changed(turn) });
}

/** What was changed while Headgate ran: settings that are not as the configuration had them. */
export function createHandChanges(): (turn: RecordedTurn) => Partial<BandwidthSettings> {
  return remembering(({ input: { settings }, configured }) =>
    Object.fromEntries(
      Object.entries(settings).filter(
        ([key, value]) => changesBetween(configured[key as keyof BandwidthSettings], value) !== undefined,
      ),
    ),
  );
}

/** What did not change between two turns is the same object in both, so most answers are those of the turn before. */
function remembering<T>(make: (turn: RecordedTurn) => T): (turn: RecordedTurn) => T {
  let last: { readonly turn: RecordedTurn; readonly made: T } | null = null;
  return (turn) => {
    const isSame = last?.turn.input.settings === turn.input.settings && last.turn.configured === turn.configured;
    if (last === null || !isSame) last = { turn, made: make(turn) };
    return last.made;
  };
}
