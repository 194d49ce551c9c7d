// What a server has in a list now, by what the items are everywhere; and which items a user has there at all.
import { ControllerError } from '../../errors.ts';
import type { PlaylistEntry } from '../../neighbours/synced-playlists.ts';
import type { ItemsOfLists, ListOwner, ListsDeps } from './lists-deps.ts';
import type { SeenEntry, SeenList } from './merge-lists.ts';

/** An item that is on no other server as far as can be known, e.g. a photo: it keeps its place in the list, and is a hole everywhere else. */
const onlyThere = (server: string, itemId: string): string => `only ${server} ${itemId}`;

/** @throws ControllerError of the server */
export async function readEntries(
  { items }: Pick<ListsDeps, 'items'>,
  { at, user }: ListOwner,
  { listId, seen }: { readonly listId: string; readonly seen: SeenList | null },
  signal: AbortSignal,
): Promise<readonly SeenEntry[]> {
  const entries = await at.playlists.entries(user, listId, signal);
  const before = new Map(seen?.entries.map(({ itemId, identity }) => [itemId, identity]));
  const named: SeenEntry[] = [];
  for (const { itemId } of entries)
    named.push({ itemId, identity: await identityOf(items, at.name, { itemId, before }, signal) });
  return named;
}

/** What is not known for a while is what it was: an item that is called otherwise would look like another one. */
async function identityOf(
  items: ItemsOfLists,
  server: string,
  { itemId, before }: { readonly itemId: PlaylistEntry['itemId']; readonly before: ReadonlyMap<string, string> },
  signal: AbortSignal,
): Promise<string> {
  const known = items.identityOf(server, itemId) ?? before.get(itemId);
  if (known !== undefined) return known;
  const learnt = await items.learn(server, itemId, signal);
  return learnt?.identity ?? onlyThere(server, itemId);
}

/** By identity, what this server has of it. */
export const itemsThere =
  ({ items }: Pick<ListsDeps, 'items'>, server: string) =>
  (identity: string): readonly string[] => {
    const only = onlyThere(server, '');
    return identity.startsWith(only) ? [identity.slice(only.length)] : items.itemsOf(identity, server);
  };

/** This user has this item there now: it is there, and nothing keeps it from them. @throws ControllerError of the server */
export type Visible = (owner: ListOwner, itemId: string, signal: AbortSignal) => Promise<boolean>;

const AGAIN_MS = 600_000;
const MOST = 10_000;

/** What is not there for somebody is not asked for again for ten minutes, or until `forget`. */
export function createVisible({ clock }: Pick<ListsDeps, 'clock'>): {
  readonly has: Visible;
  readonly lacks: Visible;
  forget(): void;
} {
  const unseen = new Map<string, number>();
  const has: Visible = async ({ at, user }, itemId, signal) => {
    const key = `${at.name} ${user.id} ${itemId}`;
    try {
      await at.server.state(user.id, itemId, signal);
      unseen.delete(key);
      return true;
    } catch (error) {
      if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
      if (unseen.size >= MOST) unseen.clear();
      unseen.set(key, clock.now() + AGAIN_MS);
      return false;
    }
  };
  return {
    has,
    async lacks(owner, itemId, signal) {
      const until = unseen.get(`${owner.at.name} ${owner.user.id} ${itemId}`);
      return (until !== undefined && until > clock.now()) || !(await has(owner, itemId, signal));
    },
    forget: () => unseen.clear(),
  };
}

/** The server does not know the list any more, for this user. @throws ControllerError of the server */
export async function isListGone({ at, user }: ListOwner, listId: string, signal: AbortSignal): Promise<boolean> {
  try {
    await at.playlists.entries(user, listId, signal);
    return false;
  } catch (error) {
    if (error instanceof ControllerError && error.code === 'not_found') return true;
    throw error;
  }
}
