// Pure: how an uplink is divided, as sentences for a person.
import type { DecisionNumbers } from './decision-numbers.ts';

export const mbit = (bps: number): string => `${Number((bps / 1_000_000).toFixed(2))} Mbit/s`;
export const momentOf = (utcMs: number): string => new Date(utcMs).toISOString();

/** From the capacity to what is for viewers that a cap binds. */
export function uplinkWords(numbers: DecisionNumbers): readonly string[] {
  const { budget, settings, streams, moreStreams, running, unbound, capacityFrom, silentMs } = numbers;
  const rule = settings.rule === null ? [] : [`The rule ${settings.rule} of the schedule holds.`];
  if (budget === null) return [...rule, 'The capacity of the uplink is not known any more.'];
  const from =
    capacityFrom === 'router' ? "the router's shaper says so" : 'as the configuration, the schedule or somebody by hand says';
  const reserve = 'percent' in settings.reserve ? `${settings.reserve.percent} % of it` : 'a fixed part of it';
  const other = numbers.otherKnown
    ? `other traffic takes ${mbit(budget.other)}`
    : 'other traffic is not known and taken for nothing';
  const floor = budget.floor > 0 ? `, and torrents are always left ${mbit(budget.floor)}` : '';
  const silence =
    silentMs !== null && silentMs > 15_000 ? [`The router has been silent for ${Math.round(silentMs / 1_000)} s.`] : [];
  const full =
    numbers.full === undefined
      ? []
      : [`The line is full: others send ${mbit(numbers.full)} at this moment, and torrents make room for it at once.`];
  return [
    ...rule,
    ...silence,
    ...full,
    `The uplink carries ${mbit(budget.capacity)} (${from}); ${reserve}, ${mbit(budget.reserve)}, is kept as reserve; ${other}${floor}: ${mbit(budget.viewers)} are for viewers.`,
    ...(streams.length === 0
      ? []
      : [`${streamWords(streams)}${moreStreams > 0 ? ` and ${moreStreams} more` : ''}: ${mbit(running)} in all.`]),
    ...(unbound > 0
      ? [`No cap binds ${mbit(unbound)} of that, so ${mbit(Math.max(0, budget.viewers - unbound))} are for those that one binds.`]
      : []),
  ];
}

const streamWords = (streams: DecisionNumbers['streams']): string =>
  `Remote streams: ${streams.map(([viewer, bps, from, , , , , , wire]) => `${viewer} ${mbit(wire)} (${wire === bps ? from : `${from}, as players like it draw`})`).join(', ')}`;
