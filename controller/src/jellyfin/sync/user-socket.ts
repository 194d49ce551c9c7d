// The socket of one user's own: the only place where a Jellyfin tells of user data and libraries without a plugin. A key's socket hears neither.
import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import { dialWebSocket } from '../../http-client/dial-web-socket.ts';
import type { TlsTrust } from '../../http-client/tls-trust.ts';
import { hearSocket } from '../../neighbours/hear-socket.ts';
import type { HearUserSocket, UserSocketListener } from '../../neighbours/synced-hints.ts';
import { MAX_BODY_BYTES } from '../jellyfin-http.ts';
import { socketMessage } from '../jellyfin-schemas.ts';
import { userData } from './sync-schemas.ts';
import { authorizationOfToken } from './token-authorization.ts';
import { watchState } from './watch-state-of.ts';

export type UserSocketDeps = {
  readonly who: string;
  /** http(s), with the base path, without a last slash. */
  readonly baseUrl: string;
  readonly tls?: TlsTrust | undefined;
  readonly clock: Clock;
};

const ids = z.array(z.string()).nullish();
const dataChanged = z.object({ UserDataList: z.array(z.unknown()) });
const entry = userData.extend({ ItemId: z.string().min(1) });
const libraryChanged = z.object({ ItemsAdded: ids, ItemsUpdated: ids, ItemsRemoved: ids });

const tellData = (data: unknown, hear: UserSocketListener): void => {
  const list = dataChanged.safeParse(data);
  if (!list.success) return;
  // The folder above stands among them: what is played there is told of what is below.
  const states = list.data.UserDataList.flatMap((raw) => {
    const parsed = entry.safeParse(raw);
    return parsed.success ? [{ itemId: parsed.data.ItemId.replaceAll('-', ''), state: watchState(parsed.data, false) }] : [];
  });
  if (states.length > 0) hear.states(states);
};

const tellLibrary = (data: unknown, hear: UserSocketListener): void => {
  const change = libraryChanged.safeParse(data);
  if (!change.success) return;
  const { ItemsAdded: added, ItemsUpdated: updated, ItemsRemoved: removed } = change.data;
  hear.library({ added: added ?? [], updated: updated ?? [], removed: removed ?? [] });
};

const readMessage = (body: unknown, hear: UserSocketListener): void => {
  const message = socketMessage.safeParse(body);
  if (!message.success) return;
  if (message.data.MessageType === 'UserDataChanged') tellData(message.data.Data, hear);
  if (message.data.MessageType === 'LibraryChanged') tellLibrary(message.data.Data, hear);
};

export const createHearUserSocket =
  ({ who, baseUrl, tls, clock }: UserSocketDeps): HearUserSocket =>
  (token, hear, signal) => {
    const headers = { authorization: authorizationOfToken(token) };
    const life = {
      dial: () => dialWebSocket({ who, url: `${baseUrl}/socket`, headers, tls, maxMessageBytes: MAX_BODY_BYTES }),
      opened: () => hear.opened(),
      message: (body: unknown) => readMessage(body, hear),
      beat: (socket: { send(text: string): void }) => socket.send('{"MessageType":"KeepAlive"}'),
      answersBeats: () => true,
      clock,
    };
    return hearSocket(life, signal);
  };
