// Pure: what viewers and the operator are told of running streams.

import type { BandwidthEvent } from '../bandwidth-event.ts';
import { mbitOf } from '../rate-words.ts';
import type { WatchedStream } from '../watched-streams.ts';

export type IgnoredCap = {
  readonly watched: WatchedStream;
  readonly limitBps: number;
  /** It was asked; else it began under the limit. */
  readonly refused: boolean;
};

/** `{rate}` of the operator's text is the limit. Empty: nothing is shown. */
export const messageFor = (text: string, limitBps: number): string => text.replaceAll('{rate}', mbitOf(limitBps)).trim();

export function ignoredCap({ watched, limitBps, refused }: IgnoredCap): BandwidthEvent {
  const { stream, server, demand } = watched;
  const who = `${stream.userName} at ${server}, ${stream.client} on ${stream.device}`;
  const why = refused ? 'was asked to negotiate anew and goes on as before' : 'began under the limit all the same';
  return {
    type: 'cap_ignored',
    severity: 'warning',
    text: `${who}: takes ${mbitOf(demand.bps)} over a limit of ${mbitOf(limitBps)}; it ${why}. Everything else gives way to it.`,
    details: {
      viewer: `${server}/${stream.userName}`,
      client: stream.client,
      device: stream.device,
      demand_bps: Math.round(demand.bps),
      limit_bps: limitBps,
      asked: refused,
    },
  };
}
