// Pure: everything that draws on the uplink under one budget, each with its class, what it takes, what it may take and why.
import type { BandwidthStatus } from './bandwidth-status.ts';
import { viewerSettings } from './decide-caps.ts';
import type { ViewerCap } from './decision.ts';
import { mbit } from './explain/uplink-words.ts';
import type { WatchedStream } from './watched-streams.ts';

export type LinePart = {
  readonly kind: 'stream' | 'client' | 'other' | 'reserve' | 'free';
  readonly name: string;
  /** A viewer's class, or what a neighbour is: `channel`, `torrents`, `distribution`. */
  readonly class: string;
  readonly takesBps: number;
  /** Null: nothing limits it. */
  readonly mayBps: number | null;
  readonly why: string;
};

/** Streams first, then what gives way to them; empty while nothing was decided. */
export function lineParts(status: BandwidthStatus): readonly LinePart[] {
  const { decision } = status;
  if (decision === null) return [];
  const { budget } = decision;
  const streams = status.streams.filter(({ counts }) => counts).map((stream) => streamPart(stream, status));
  const clients = status.torrentClients.filter(({ onUplink }) => onUplink).map((client) => clientPart(client, status));
  const taken = [...streams, ...clients].reduce((sum, { takesBps }) => sum + takesBps, 0);
  if (budget === null) return [...streams, ...clients];
  const freeBps = Math.max(0, budget.capacityBps - budget.reserveBps - budget.otherBps - taken);
  return [
    ...streams,
    ...clients,
    part(
      'other',
      budget.otherBps,
      'No viewer and no torrent client explains it: other devices, downloads from a media server, Live TV.',
    ),
    part('reserve', budget.reserveBps, 'Kept free, so that the line does not fill up.'),
    part('free', freeBps, 'Nobody takes it now.'),
  ];
}

const part = (kind: 'other' | 'reserve' | 'free', bps: number, why: string): LinePart => ({
  ...{ kind, name: kind, class: kind },
  takesBps: Math.round(bps),
  mayBps: null,
  why,
});

function streamPart(watched: WatchedStream, { decision, mediaServers, settings }: BandwidthStatus): LinePart {
  const { stream, server, viewer, wireBps } = watched;
  const cap = decision?.viewers.find(({ key }) => key === viewer);
  const neighbour = mediaServers.find(({ name }) => name === server);
  const own = cap ? viewerSettings(cap, settings) : undefined;
  const mayBps = watched.location.capped ? (cap?.capBps ?? null) : null;
  return {
    kind: 'stream',
    name: `${server}/${stream.userName}: ${stream.title}`,
    class: neighbour?.lineClass ?? own?.class ?? settings.defaultClass,
    takesBps: wireBps,
    mayBps,
    why: whyOf(watched, cap, mayBps),
  };
}

function whyOf({ capState, location }: WatchedStream, cap: ViewerCap | undefined, mayBps: number | null): string {
  if (capState === 'ignored') return 'It does not keep to its limit: everything else gives way to it.';
  if (capState === 'pending') return 'It began before its limit, which holds from its next negotiation on.';
  if (capState === 'asked') return 'Its player was asked to negotiate anew.';
  if (!location.capped) return 'Its server limits nobody there: it is counted, and everything else gives way to it.';
  if (cap === undefined || mayBps === null) return WHY[cap?.why ?? 'free'];
  return `${WHY[cap.why]} Each of the viewer’s streams may take ${mbit(mayBps)}.`;
}

const WHY: Readonly<Record<ViewerCap['why'], string>> = {
  share: 'Its share of what is for viewers.',
  standing: 'What a stream that starts now could have.',
  boost: 'It is raised above the others for a time.',
  kept: 'It keeps what it had: what is measured is not known now.',
  minimum: 'The least that a viewer gets.',
  ceiling: 'The user’s own limit, or the server’s, is tighter than its share.',
  exempt: 'It is never limited.',
  free: 'Nothing is limited now.',
};

function clientPart(
  { name, lineClass, reading }: BandwidthStatus['torrentClients'][number],
  { decision }: BandwidthStatus,
): LinePart {
  const mayBps = decision?.torrents.find(({ client, mode }) => client === name && mode === reading?.mode)?.capBps ?? null;
  const stopped = decision?.pausedClients.includes(name) ?? false;
  const free = reading === null ? 'Not heard yet.' : 'As its user had it.';
  const why = stopped ? 'Stopped: too little is left beside viewers.' : 'Its part of what viewers leave.';
  return {
    ...{ kind: 'client', name, class: lineClass ?? 'torrents' },
    takesBps: Math.round(reading?.uploadBps ?? 0),
    mayBps: mayBps === null ? null : Math.round(mayBps),
    why: stopped || mayBps !== null ? why : free,
  };
}
