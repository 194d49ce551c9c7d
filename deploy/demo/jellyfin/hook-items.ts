// ItemAdded and ItemDeleted of the webhook plugin: queued in memory, sent by a task of its own every 91 s, lost at a restart (facts/jellyfin.md §11).
import type { Library, LibraryChange, LibraryItem } from './library.ts';

export type HookItems = {
  changed(change: LibraryChange): void;
  /** One round of the task. */
  tick(): Promise<void>;
  forget(): void;
  end(): void;
};

/** An item without provider ids is asked again as often as this. */
const mostRetries = 10;
/** Seen: the first round one hour after the start, then one each 91 s. */
const recorded = { firstMs: 3_600_000, everyMs: 91_000 };

export function createHookItems(need: {
  readonly library: Pick<Library, 'byId'>;
  /** Null: as recorded. 0: by hand only. */
  readonly tickMs: number | null;
  readonly send: (type: 'ItemAdded' | 'ItemDeleted', item: LibraryItem) => Promise<void>;
}): HookItems {
  const added = new Map<string, number>();
  const deleted = new Map<string, LibraryItem>();
  const sendAdded = async () => {
    for (const [id, retries] of [...added]) {
      const item = need.library.byId(id);
      // One that is gone meanwhile ends the round for all behind it.
      if (!item) return void added.delete(id);
      if (Object.keys(item.providerIds).length === 0 && retries < mostRetries) added.set(id, retries + 1);
      else {
        await need.send('ItemAdded', item);
        added.delete(id);
      }
    }
  };
  const tick = async () => {
    await sendAdded();
    for (const [id, item] of [...deleted]) {
      await need.send('ItemDeleted', item);
      deleted.delete(id);
    }
  };
  const everyMs = need.tickMs ?? recorded.everyMs;
  let timer: NodeJS.Timeout | undefined;
  const later = (ms: number) => {
    timer = setTimeout(() => void tick().finally(() => later(everyMs)), ms).unref();
  };
  if (everyMs > 0) later(need.tickMs ?? recorded.firstMs);
  return {
    changed(change) {
      for (const item of change.added) if (item.type !== 'Season' && !item.facts?.virtual) added.set(item.id, 0);
      for (const item of change.removed) deleted.set(item.id, item);
    },
    tick,
    forget() {
      added.clear();
      deleted.clear();
    },
    end: () => clearTimeout(timer),
  };
}
