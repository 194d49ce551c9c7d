// The server's activity log: who came, played, was made and removed. Nothing of policies, nothing of user data (recordings/jellyfin/library.json;
// who is logged, and what the query takes: ActivityManager.cs, PlaybackStartLogger.cs, PlaybackStopLogger.cs of 10.9 to 12).
import { json, refusals } from './answer.ts';
import type { ExactClock } from './exact-time.ts';
import { emptyId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { Journal } from './journal-file.ts';
import type { LibraryItem } from './library.ts';
import type { Exchange, Route } from './route-table.ts';

export type Activity = {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly overview?: string;
  readonly itemId?: string;
  readonly userId: string;
  /** With seven decimals. */
  readonly date: string;
};

/** Who, from where, with what. */
export type Doer = { readonly id: string; readonly name: string };

export type ActivityLog = {
  readonly routes: readonly Route[];
  userMade(user: Doer): void;
  userRemoved(user: Doer): void;
  passwordChanged(user: Doer): void;
  loggedIn(user: Doer, address: string): void;
  loginFailed(name: string, address: string): void;
  sessionStarted(user: Doer, device: string, address: string): void;
  sessionEnded(user: Doer, device: string, address: string): void;
  /** Of several who watch together, only the one whose session it is. */
  playing(user: Doer, item: LibraryItem, device: string): void;
  stopped(user: Doer, item: LibraryItem, device: string): void;
};

/** The oldest go first, as by the task Clean Activity Log. */
const keptEntries = 20_000;
/** Where the caller does not say. */
const shownEntries = 100;

export function createActivityLog(need: { readonly journal: Journal<Activity>; readonly exactNow: ExactClock }): ActivityLog {
  const entries = need.journal.takeStored().slice(-keptEntries);
  need.journal.rewrite(entries);
  const write = (entry: Omit<Activity, 'id' | 'date'>) => {
    const written = { ...entry, id: (entries.at(-1)?.id ?? 0) + 1, date: need.exactNow() };
    entries.push(written);
    if (entries.length > keptEntries) entries.splice(0, keptEntries / 10);
    need.journal.append(written);
  };
  const from = (address: string) => `IP address: ${address}`;
  const titled = (item: LibraryItem) => (item.series ? `${item.series.name} - ${item.name}` : item.name);
  const about = (user: Doer, type: string, name: string) => write({ type, name, userId: user.id });
  return {
    routes: routes(entries),
    userMade: (user) => about(user, 'UserCreated', `User ${user.name} has been created`),
    // Whose id is not told any more.
    userRemoved: ({ name }) => about({ id: emptyId, name }, 'UserDeleted', `User ${name} has been deleted`),
    passwordChanged: (user) => about(user, 'UserPasswordChanged', `Password has been changed for user ${user.name}`),
    loggedIn: ({ id, name }, address) =>
      write({ type: 'AuthenticationSucceeded', name: `${name} successfully authenticated`, overview: from(address), userId: id }),
    loginFailed: (name, address) =>
      write({ type: 'AuthenticationFailed', name: `Failed login try from ${name}`, overview: from(address), userId: emptyId }),
    sessionStarted: ({ id, name }, device, address) =>
      write({ type: 'SessionStarted', name: `${name} is online from ${device}`, overview: from(address), userId: id }),
    sessionEnded: ({ id, name }, device, address) =>
      write({ type: 'SessionEnded', name: `${name} has disconnected from ${device}`, overview: from(address), userId: id }),
    playing: ({ id, name }, item, device) =>
      write({
        type: `${media(item)}Playback`,
        name: `${name} is playing ${titled(item)} on ${device}`,
        itemId: item.id,
        userId: id,
      }),
    stopped: ({ id, name }, item, device) =>
      write({
        type: `${media(item)}PlaybackStopped`,
        name: `${name} has finished playing ${titled(item)} on ${device}`,
        itemId: item.id,
        userId: id,
      }),
  };
}

const media = (item: LibraryItem) => (item.type === 'Audio' ? 'Audio' : 'Video');

function entryDto(entry: Activity): Dto {
  return {
    Id: entry.id,
    Name: entry.name,
    ...(entry.overview === undefined ? {} : { ShortOverview: entry.overview }),
    Type: entry.type,
    ...(entry.itemId === undefined ? {} : { ItemId: entry.itemId }),
    Date: entry.date,
    UserId: entry.userId,
    Severity: entry.type === 'AuthenticationFailed' ? 'Error' : 'Information',
  };
}

/** What cannot be read is refused, as by every bound query parameter; what is empty is not there. */
function bound<Value>(exchange: Exchange, name: string, read: (text: string) => Value | null): Value | null {
  const text = exchange.query(name);
  if (text === null || text === '') return null;
  const value = read(text);
  if (value === null) throw refusals.invalid({ [name]: [`The value '${text}' is not valid.`] });
  return value;
}

const whole = (text: string) => (/^-?\d{1,9}$/.test(text.trim()) ? Number(text) : null);
const flag = (text: string) => (/^(true|false)$/i.test(text.trim()) ? text.trim().toLowerCase() === 'true' : null);
const date = (text: string) => (Number.isNaN(Date.parse(text)) ? null : Date.parse(text));

function routes(entries: readonly Activity[]): Route[] {
  return [
    {
      method: 'GET',
      path: '/System/ActivityLog/Entries',
      access: 'admin',
      handle(exchange) {
        const since = bound(exchange, 'minDate', date);
        const named = bound(exchange, 'hasUserId', flag);
        const found = entries.filter(
          (entry) =>
            (since === null || Date.parse(entry.date) >= since) && (named === null || (entry.userId !== emptyId) === named),
        );
        // By date alone: since the clock was set back, what is newer stands behind.
        found.reverse().sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
        const start = bound(exchange, 'startIndex', whole) ?? 0;
        const limit = bound(exchange, 'limit', whole) ?? shownEntries;
        const shown = limit < 0 ? found.slice(Math.max(0, start)) : found.slice(Math.max(0, start), Math.max(0, start) + limit);
        return json({ Items: shown.map(entryDto), TotalRecordCount: found.length, StartIndex: start });
      },
    },
  ];
}
