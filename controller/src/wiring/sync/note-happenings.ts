// What happens in sync, heard by all who show it.
import { createListeners } from '../../listeners.ts';
import type { SyncHappening, Telling } from '../../sync/happenings.ts';
import { createPresence, type Presence } from '../../sync/shown/presence.ts';

export type NotedHappenings = {
  readonly tell: Telling;
  readonly presence: Presence;
  /** Answers with a function that ends it. */
  on(listener: (happened: SyncHappening) => void): () => void;
};

export function noteHappenings(nowMs: () => number): NotedHappenings {
  const happenings = createListeners<[SyncHappening]>();
  const presence = createPresence(nowMs, happenings.tell);
  return { tell: { heard: presence.heard, happened: happenings.tell }, presence, on: happenings.on };
}
