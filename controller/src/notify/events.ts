// What happened, told once: over MQTT for automations, in the log and in notifications for people.
import type { HeadgateEvent, TypedLink } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Happened } from './notification.ts';

export type { Happened } from './notification.ts';

export type EventsDeps = {
  readonly link: TypedLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Hands it to the other sinks. False where it is no news. */
  readonly notice: (happened: Happened) => boolean;
};

/** The closed list, for Home Assistant's event entity. */
export const EVENT_TYPES = [
  'caps_changed',
  'hand_edit_kept',
  'originals_restored',
  'restore_incomplete',
  'safe_plan',
  'safe_plan_over',
  'neighbour_silent',
  'neighbour_back',
  'high_demand_began',
  'high_demand_ended',
  'data_cap_warning',
  'data_cap_reached',
  'cap_ignored',
  'router_stale',
  'router_back',
  'storage_damaged',
  'shaper_refused',
  'shaper_given_way',
  'channel_added',
  'channel_changed',
  'channel_removed',
  'channel_unplanned',
  'channel_skipped',
  'channel_item_failed',
  'items_swapped',
  'sync_server_away',
  'sync_server_back',
  'sync_set_aside',
  'sync_first_meeting',
  'sync_clock_off',
  'sync_hooks_lost',
  'sync_hooks_back',
  'losses_held',
  'hold_released',
  'hold_discarded',
  'user_made',
  'user_not_made',
  'user_gone',
  'user_deleted',
  'user_renamed',
  'playlist_unclear',
  'seed_done',
  'seed_failed',
  'item_everywhere',
  'item_quarantined',
];

export function createEvents({ link, clock, log, notice }: EventsDeps): (happened: Happened) => void {
  return (happened) => {
    if (!notice(happened)) return;
    const { type, severity, text, details } = happened;
    if (severity !== 'info') log[severity === 'error' ? 'error' : 'warn']({ event: type, ...details }, text);
    const event: HeadgateEvent = { at: new Date(clock.now()).toISOString(), event_type: type, severity, text, details };
    link.say('event', {}, event).catch((error: unknown) => log.debug({ error: messageOf(error) }, 'event not published'));
  };
}
