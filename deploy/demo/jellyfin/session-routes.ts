// /Sessions: the list, and what is sent to players.
import { type Answer, json, noContent, refusals } from './answer.ts';
import { parseId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import { type PlaybackReportsNeed, reportRoutes } from './playback-reports.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';
import type { Users } from './users.ts';

export type SessionRoutesNeed = PlaybackReportsNeed & { readonly now: () => number; readonly users: Pick<Users, 'byId'> };

const numberOf = (value: unknown) => (typeof value === 'number' ? value : null);
const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

function listSessions(need: SessionRoutesNeed, exchange: Exchange): Answer {
  const { caller } = exchange;
  const deviceId = exchange.query('deviceId');
  const within = Number(exchange.query('activeWithinSeconds') ?? 0);
  const shown = need.sessions
    .list()
    .filter((session) => caller.isAdministrator || session.owner.userId === null || session.owner.userId === caller.user?.id)
    .filter((session) => deviceId === null || session.owner.deviceId === deviceId)
    .filter((session) => !(within > 0) || need.now() - session.lastActivityAt <= within * 1000);
  return json(shown.map((session) => need.sessions.dto(session, caller.isAdministrator)));
}

/** 204 whether or not anybody listens. */
function sendTo(need: SessionRoutesNeed, exchange: Exchange, message: Dto): Answer {
  const session = need.sessions.byId(parseId(exchange.params['id']));
  if (!session) throw refusals.notFound();
  for (const deliver of session.sockets) deliver(message);
  return noContent;
}

const playstateCommands = new Set(
  'Stop Pause Unpause NextTrack PreviousTrack Seek Rewind FastForward PlayPause'.toLowerCase().split(' '),
);

function command(exchange: Exchange, name: unknown, given: unknown): Dto {
  if (typeof name !== 'string') throw refusals.invalid({ Name: ['The Name field is required.'] });
  const entries = Object.entries(given !== null && typeof given === 'object' ? given : {});
  const wrong = entries.find(([, value]) => typeof value !== 'string' && value !== null);
  // All values of Arguments must be strings.
  if (wrong)
    throw refusals.invalid({
      [`$.Arguments.${wrong[0]}`]: [
        `The JSON value could not be converted to System.String. Path: $.Arguments.${wrong[0]} | LineNumber: 0 | BytePositionInLine: 0.`,
      ],
    });
  return {
    Data: { Name: name, ControllingUserId: exchange.caller.user?.id ?? '0'.repeat(32), Arguments: Object.fromEntries(entries) },
    MessageType: 'GeneralCommand',
  };
}

function controlRoutes(need: SessionRoutesNeed): Route[] {
  return [
    {
      method: 'POST',
      path: '/Sessions/{id}/Message',
      access: 'user',
      handle(exchange) {
        const body = bodyOf(exchange);
        if (typeof body['Text'] !== 'string') throw refusals.invalid({ Text: ['The Text field is required.'] });
        const given = {
          Header: textOf(body['Header']),
          Text: body['Text'],
          TimeoutMs: numberOf(body['TimeoutMs'])?.toString() ?? null,
        };
        const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
        return sendTo(need, exchange, command(exchange, 'DisplayMessage', present));
      },
    },
    {
      method: 'POST',
      path: '/Sessions/{id}/Command',
      access: 'user',
      handle: (exchange) => sendTo(need, exchange, command(exchange, bodyOf(exchange)['Name'], bodyOf(exchange)['Arguments'])),
    },
    {
      method: 'POST',
      path: '/Sessions/{id}/Command/{command}',
      access: 'user',
      handle: (exchange) => sendTo(need, exchange, command(exchange, exchange.params['command'], {})),
    },
    {
      method: 'POST',
      path: '/Sessions/{id}/Playing/{command}',
      access: 'user',
      handle(exchange) {
        const name = exchange.params['command'] ?? '';
        if (!playstateCommands.has(name.toLowerCase()))
          throw refusals.invalid({ command: [`The value '${name}' is not valid.`] });
        const seek = exchange.query('seekPositionTicks');
        return sendTo(need, exchange, {
          Data: { Command: exchange.params['command'], SeekPositionTicks: seek === null ? undefined : Number(seek) },
          MessageType: 'Playstate',
        });
      },
    },
    {
      method: 'POST',
      path: '/Sessions/{id}/Playing',
      access: 'user',
      handle(exchange) {
        const ids = (exchange.query('itemIds') ?? '').split(',').flatMap((id) => parseId(id) ?? []);
        const number = (name: string): number | undefined => {
          const given = exchange.query(name);
          return given === null ? undefined : Number(given);
        };
        const data = {
          ItemIds: ids,
          PlayCommand: exchange.query('playCommand') ?? 'PlayNow',
          StartPositionTicks: number('startPositionTicks'),
          MediaSourceId: exchange.query('mediaSourceId') ?? undefined,
          AudioStreamIndex: number('audioStreamIndex'),
          SubtitleStreamIndex: number('subtitleStreamIndex'),
          StartIndex: number('startIndex'),
          ControllingUserId: exchange.caller.user?.id ?? '0'.repeat(32),
        };
        return sendTo(need, exchange, { Data: data, MessageType: 'Play' });
      },
    },
  ];
}

/** Somebody else who watches at the same screen; not whose session it is. */
function guestRoutes(need: SessionRoutesNeed): Route[] {
  const change = (put: boolean) => (exchange: Exchange) => {
    const session = need.sessions.byId(parseId(exchange.params['id']));
    const user = need.users.byId(parseId(exchange.params['user']));
    if (!session || !user) throw refusals.notFound();
    if (put && session.owner.userId === user.id) throw refusals.processing(400);
    const others = session.guests.filter(({ id }) => id !== user.id);
    session.guests = put ? [...others, { id: user.id, name: user.name }] : others;
    need.sessions.changed('now');
    return noContent;
  };
  const path = '/Sessions/{id}/User/{user}';
  return [
    { method: 'POST', path, access: 'user', handle: change(true) },
    { method: 'DELETE', path, access: 'user', handle: change(false) },
  ];
}

export function sessionRoutes(need: SessionRoutesNeed): Route[] {
  return [
    { method: 'GET', path: '/Sessions', access: 'user', handle: (exchange) => listSessions(need, exchange) },
    ...reportRoutes(need),
    ...controlRoutes(need),
    ...guestRoutes(need),
  ];
}
