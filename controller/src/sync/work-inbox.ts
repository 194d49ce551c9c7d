// Works on what hooks told of one server, in the order in which they came for each user's item, until the signal fires.
import type { Clock } from '../clock.ts';
import { ControllerError, isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Bell } from '../neighbours/bell.ts';
import { failureKind } from '../neighbours/server-failure.ts';
import type { SyncedServer } from '../neighbours/synced-server.ts';
import { createTurns } from '../neighbours/turns.ts';
import type { InboxStore, StoredHook } from './intake/inbox-store.ts';
import { trustIn } from './intake/said-by-hook.ts';
import { type Report, readHook } from './intake/webhook-payload.ts';
import type { ApplyDeps } from './reconcile/apply-deps.ts';
import { applyHooks } from './state/apply-hooks.ts';
import { backOffMs } from './state/back-off.ts';
import type { ServerClocks } from './state/server-clocks.ts';

export type InboxDeps = ApplyDeps & {
  readonly inbox: InboxStore;
  readonly clocks: ServerClocks;
  personOf(server: string, userId: string): string | null;
  /** In any letter case; its id. */
  userNamed(server: string, name: string): string | null;
  /** Who a hook names that nobody knows yet. @throws ControllerError of the server */
  refreshPeople(server: SyncedServer, signal: AbortSignal): Promise<void>;
  /** An item came or went. */
  itemChanged(server: string, itemId: string, gone: boolean, signal: AbortSignal): Promise<void>;
  /** Waits while hooks come in a flood. */
  calm(signal: AbortSignal): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

const TAKEN_AT_ONCE = 256;
const AT_ONCE = 8;
const LOOK_MS = 60_000;

/** Users whom a server's list did not help to know, skipped ones too: until when they are not asked for again, by `clock.monotonic()`. */
type Works = InboxDeps & { readonly strangers: Map<string, number> };
const STRANGE_MS = 60_000;
const MOST_STRANGERS = 1_000;

export async function workInbox(given: InboxDeps, server: SyncedServer, bell: Bell, signal: AbortSignal): Promise<void> {
  const deps: Works = { ...given, strangers: new Map() };
  let failures = 0;
  while (!signal.aborted) {
    try {
      const hooks = await deps.inbox.take(server.name, TAKEN_AT_ONCE);
      const left = hooks.length === 0 ? 0 : await workAll(deps, server, hooks, signal);
      failures = left === 0 ? 0 : failures + 1;
      // A server that sends hooks lives: the next one ends this.
      if (left > 0) await bell.wait(backOffMs(failures), signal);
      else if (hooks.length === 0) await bell.wait(LOOK_MS, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      failures += 1;
      deps.log.error({ server: server.name, error: messageOf(error) }, 'hooks could not be worked on; they are kept');
      await deps.clock.sleep(backOffMs(failures), signal).catch(() => {});
    }
  }
}

/** Answers with how many had to be left, since their server could not be asked. */
async function workAll(deps: Works, server: SyncedServer, hooks: readonly StoredHook[], signal: AbortSignal): Promise<number> {
  const [read, unreadable]: [Told[], StoredHook[]] = [[], []];
  for (const hook of hooks) {
    const report = reportOf(hook);
    if (report === null) unreadable.push(hook);
    else read.push({ hook, report });
  }
  if (unreadable.length > 0) await deps.inbox.done(unreadable);
  const groups = Map.groupBy(read, ({ report }) => `${report.userId ?? report.userName ?? ''} ${report.itemId ?? ''}`);
  const turns = createTurns(AT_ONCE);
  let left = 0;
  await Promise.all(
    [...groups.values()].map((group) =>
      turns.take(signal, async () => {
        await deps.calm(signal);
        const done: StoredHook[] = [];
        // All of one user's item at once: in their own order, and one look at the server where one is needed.
        for (const some of group[0]?.report.itemId === null ? group.map((one) => [one]) : [group]) {
          if (!(await workOne(deps, server, some, signal))) break;
          done.push(...some.map(({ hook }) => hook));
        }
        left += group.length - done.length;
        if (done.length > 0) await deps.inbox.done(done);
      }),
    ),
  );
  return left;
}

type Told = { readonly hook: StoredHook; readonly report: Report };

/** What was kept is read again; what cannot be any more, since a newer Headgate reads otherwise, says nothing. */
function reportOf({ body }: StoredHook): Report | null {
  const read = readHook(body);
  return 'ok' in read ? read.ok.report : null;
}

/** False: its server could not be asked; it stays. */
async function workOne(deps: Works, server: SyncedServer, hooks: readonly Told[], signal: AbortSignal): Promise<boolean> {
  try {
    await take(deps, server, hooks, signal);
    return true;
  } catch (error) {
    if (isAbort(error) && signal.aborted) throw error;
    // The item or user is gone, or the server does not answer this as it should: reading all of it will tell.
    if (error instanceof ControllerError && failureKind(error) === 'failed' && error.code !== 'storage_failed') {
      const item = hooks[0]?.report.itemName;
      deps.log.warn({ server: server.name, item, error: messageOf(error) }, 'a hook could not be followed up');
      return true;
    }
    if (error instanceof ControllerError && error.code !== 'storage_failed') return false;
    throw error;
  }
}

/** They are about one user's item, or one item, or one of them alone is about users. */
async function take(deps: Works, server: SyncedServer, hooks: readonly Told[], signal: AbortSignal): Promise<void> {
  for (const { report } of hooks) {
    const { type, itemId } = report;
    if (type === 'UserCreated' || type === 'UserUpdated' || type === 'UserDeleted') await deps.refreshPeople(server, signal);
    else if (itemId !== null && (type === 'ItemAdded' || type === 'ItemDeleted'))
      await deps.itemChanged(server.name, itemId, type === 'ItemDeleted', signal);
  }
  const states = hooks.filter(({ report }) => report.itemId !== null && !report.type.startsWith('Item'));
  const [first] = states;
  const itemId = first?.report.itemId ?? null;
  if (first === undefined || itemId === null) return;
  for (const { hook, report } of states) {
    const utcMs = utcOf(report);
    if (utcMs !== null) deps.clocks.note(server.name, utcMs, hook.receivedMs);
  }
  const user = await whoIs(deps, server, first.report, signal);
  const item = user === null ? null : await deps.index.learn(server.name, itemId, signal);
  if (user === null || item === null) return;
  const { userId, person } = user;
  const place = { server: server.name, userId, itemId };
  const { identity, name: itemName, path: itemPath } = item;
  const told = states.map(({ hook, report: { type, itemKind, has, unmeant }, report }) => ({
    ...{ has, unmeant, trust: trustIn(type, itemKind, has), utcMs: utcOf(report), receivedMs: hook.receivedMs },
  }));
  await deps.locks.hold(place, () =>
    applyHooks(deps, server, { place, person, identity, itemName, itemPath, hooks: told }, signal),
  );
}

/** With parts of a ms, as far as a number holds them. */
const utcOf = ({ utcTicks, serverUtcMs }: Report): number | null => (utcTicks === null ? serverUtcMs : Number(utcTicks) / 10_000);

type Known = { readonly userId: string; readonly person: string };

/** A template may name the user only. */
async function whoIs(deps: Works, server: SyncedServer, report: Report, signal: AbortSignal): Promise<Known | null> {
  const find = (): Known | null => {
    const userId = report.userId ?? deps.userNamed(server.name, report.userName ?? '');
    const person = userId === null ? null : deps.personOf(server.name, userId);
    return userId === null || person === null ? null : { userId, person };
  };
  const known = find();
  if (known !== null) return known;
  const { strangers, clock } = deps;
  const name = report.userId ?? report.userName ?? '';
  if ((strangers.get(name) ?? 0) > clock.monotonic()) return null;
  await deps.refreshPeople(server, signal);
  const found = find();
  if (strangers.size >= MOST_STRANGERS) strangers.clear();
  if (found === null) strangers.set(name, clock.monotonic() + STRANGE_MS);
  return found;
}
