// Brings all copies of an item on one server to what is agreed: those that are known, and files that show up behind one of them.
import { ControllerError } from '../../errors.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import { type DeliverDeps, type Delivered, deliver } from './deliver.ts';
import { noteFirstSight } from './files-behind.ts';
import type { PlaceLocks } from './place-locks.ts';
import type { QueueRow } from './queue-store.ts';
import type { WholeFault } from './whole-fault.ts';

export type CopiesDeps = DeliverDeps & {
  readonly server: SyncedServer;
  itemsOf(identity: string): readonly string[];
  /** Which item it is, by one question where that is not known; null: none that is kept the same. @throws ControllerError of the server */
  identityOf(itemId: string, signal: AbortSignal): Promise<string | null>;
  /** The server knows it no more. */
  forgetItem(itemId: string): Promise<void>;
  readonly locks: PlaceLocks;
};

/** `wholeFault`: of a server that answers everybody with an error. */
type Bringing = CopiesDeps & { readonly wholeFault: WholeFault };

/** One result for each copy that is there. @throws ControllerError of the server, but for copies that are gone */
export async function deliverAll(
  deps: Bringing,
  { row, userId, answered }: { row: QueueRow; userId: string; answered: () => void },
  signal: AbortSignal,
): Promise<readonly Delivered[]> {
  const { server, locks } = deps;
  const results: Delivered[] = [];
  const waiting = [...deps.itemsOf(row.identity)];
  const known = new Set(waiting);
  for (let itemId = waiting.shift(); itemId !== undefined; itemId = waiting.shift()) {
    const place = { server: server.name, userId, itemId };
    try {
      const result = await locks.hold(place, () => deliver(deps, server, { row, place, isOnly: known.size === 1 }, signal));
      results.push(result);
      answered();
      for (const file of result.behind) {
        if (known.has(file)) continue;
        known.add(file);
        if ((await deps.identityOf(file, signal)) !== row.identity) continue;
        await noteFirstSight(deps, server, { ...place, itemId: file }, signal);
        waiting.push(file);
      }
    } catch (error) {
      if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
      const fault = await deps.wholeFault(signal);
      if (fault !== null) throw fault;
      answered();
      // Else it is kept from this user, and there for the others.
      if (!(await isThere(server, itemId, signal))) await deps.forgetItem(itemId);
    }
  }
  return results;
}

async function isThere(server: Pick<SyncedServer, 'item'>, itemId: string, signal: AbortSignal): Promise<boolean> {
  try {
    await server.item(itemId, signal);
    return true;
  } catch (error) {
    if (error instanceof ControllerError && error.code === 'not_found') return false;
    throw error;
  }
}
