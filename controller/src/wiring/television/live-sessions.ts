// What runs in the stream process now, for those who were opened before it.

import { createListeners } from '../../listeners.ts';
import type { LiveSession } from '../../on-air/live-messages.ts';

export type LiveSessions = {
  now(): readonly LiveSession[];
  say(sessions: readonly LiveSession[]): void;
  /** Answers with a function that ends it. */
  onChange(listener: () => void): () => void;
};

export function createLiveSessions(): LiveSessions {
  const changes = createListeners();
  let sessions: readonly LiveSession[] = [];
  return {
    now: () => sessions,
    say(said) {
      sessions = said;
      changes.tell();
    },
    onChange: changes.on,
  };
}
