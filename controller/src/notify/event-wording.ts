// Pure: what the types of events are called on a screen, which of them are told where nobody chose, and what two of them have in common.
import type { Details, Happened } from './notification.ts';

const TITLES: Readonly<Record<string, string>> = {
  hand_edit_kept: 'Limit changed by hand',
  originals_restored: 'Originals restored',
  restore_incomplete: 'Not all originals restored',
  safe_plan: 'Safe plan',
  safe_plan_over: 'Safe plan is over',
  neighbour_silent: 'Server down',
  neighbour_back: 'Server back',
  high_demand_began: 'High demand',
  high_demand_ended: 'High demand is over',
  cap_ignored: 'Cap ignored',
  router_stale: 'Router silent',
  router_back: 'Router back',
  storage_damaged: 'Database damaged',
  sync_server_away: 'Server away from sync',
  sync_server_back: 'Server back in sync',
  test: 'Test',
};

/** `seed_failed` is "Seed failed" where nothing better is known. */
export const titleOf = (type: string): string =>
  TITLES[type] ?? `${type.charAt(0).toUpperCase()}${type.slice(1).replaceAll('_', ' ')}`;

/** Only good to know, but waited for. */
const USUAL_INFOS: readonly string[] = [
  'high_demand_began',
  'high_demand_ended',
  'neighbour_back',
  'router_back',
  'originals_restored',
  'sync_server_back',
];
/** What made it necessary is told already: a silent router or server. */
const FOLLOWS_FROM_ANOTHER: readonly string[] = ['safe_plan'];

/** Told by a sink for which nobody chose. */
export const isUsual = ({ type, severity }: Happened): boolean =>
  severity === 'info' ? USUAL_INFOS.includes(type) : !FOLLOWS_FROM_ANOTHER.includes(type);

export type Pair = {
  readonly name: string;
  readonly begin: string;
  readonly end: string;
  readonly by: readonly string[];
  /** Whoever tells it is told at a start which are open: the same beginning is never news. */
  readonly outlastsRestart: boolean;
};

const PAIRS: readonly Pair[] = [
  { name: 'high demand', begin: 'high_demand_began', end: 'high_demand_ended', by: [], outlastsRestart: true },
  { name: 'router', begin: 'router_stale', end: 'router_back', by: ['router'], outlastsRestart: true },
  { name: 'neighbour', begin: 'neighbour_silent', end: 'neighbour_back', by: ['kind', 'neighbour'], outlastsRestart: true },
  { name: 'safe plan', begin: 'safe_plan', end: 'safe_plan_over', by: [], outlastsRestart: false },
  { name: 'sync server', begin: 'sync_server_away', end: 'sync_server_back', by: ['server'], outlastsRestart: false },
  { name: 'sync hooks', begin: 'sync_hooks_lost', end: 'sync_hooks_back', by: ['server'], outlastsRestart: false },
];

/** What makes two events of a type one; all that a type does not name may change. */
const BY: Readonly<Record<string, readonly string[]>> = {
  cap_ignored: ['server', 'viewer', 'user', 'client', 'device', 'target'],
  hand_edit_kept: ['target', 'to_bps'],
  originals_restored: ['left_by'],
  restore_incomplete: [],
};

export const pairOf = (type: string): Pair | null => PAIRS.find(({ begin, end }) => begin === type || end === type) ?? null;

/** Where nothing is known of a type, only the very same event is the same. */
export function subjectOf({ type, text, details }: Happened): string {
  const pair = pairOf(type);
  if (pair !== null) return keyOf(pair.name, pair.by, details);
  const by = BY[type];
  return by === undefined ? `${type} ${text}`.slice(0, MOST_SUBJECT) : keyOf(type, by, details);
}

const MOST_SUBJECT = 500;

const keyOf = (name: string, by: readonly string[], details: Details): string =>
  [name, ...by.flatMap((key) => (details[key] === undefined ? [] : [`${key}=${details[key]}`]))].join(' ').slice(0, MOST_SUBJECT);
