// One line for a thing that clients repeat: a reconnecting client with a wrong password must not fill the disk.
import type { Log, LogFields } from '../log.ts';

/** Distinct things remembered; the oldest may be said again after that many others. */
const MOST_REMEMBERED = 500;

export type LogOnce = {
  /** Warns the first time. `key` is what makes two of them the same. */
  warn(key: string, fields: LogFields, text: string): void;
  /** The thing ended: next time it is said again. */
  forget(key: string): void;
};

export function createLogOnce(log: Log): LogOnce {
  const said = new Set<string>();
  return {
    warn(key, fields, text) {
      if (said.has(key)) return;
      said.add(key);
      const [oldest] = said;
      if (said.size > MOST_REMEMBERED && oldest !== undefined) said.delete(oldest);
      log.warn(fields, text);
    },
    forget: (key) => void said.delete(key),
  };
}
