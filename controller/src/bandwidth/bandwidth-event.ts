// What the feature says happened, for notifications.

import type { HandEdit } from './limits/limit-writer.ts';
import { mbitOf } from './rate-words.ts';

/** What happened, for notifications. */
export type BandwidthEvent = {
  readonly type:
    | 'caps_changed'
    | 'hand_edit_kept'
    | 'originals_restored'
    | 'restore_incomplete'
    | 'safe_plan'
    | 'safe_plan_over'
    | 'neighbour_silent'
    | 'neighbour_back'
    | 'high_demand_began'
    | 'high_demand_ended'
    | 'cap_ignored'
    | 'router_stale'
    | 'router_back';
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
};

/** What an earlier run told the beginning of, and nobody the end: `type` is that of the beginning. */
export type OpenAlarm = { readonly type: string; readonly details: BandwidthEvent['details'] };

export const handEditEvent = ({ label, fromBps, toBps }: HandEdit): BandwidthEvent => ({
  type: 'hand_edit_kept',
  severity: 'info',
  text: `The limit of ${label} was changed by hand; ${toBps > 0 ? mbitOf(toBps) : 'no limit'} is what it goes back to from now on.`,
  details: { target: label, from_bps: fromBps, to_bps: toBps },
});
