// Gives back what a busy time left in memory: V8 looks when something is allocated, and at rest nothing is.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export type MemoryAtRest = {
  /** Something was done just now. Some seconds after the last of it memory is looked through, once. */
  readonly busy: () => void;
};

type Collect = (options: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void;

const REST_MS = 4_000;

/** @param isAtRest asked at the end of that time; where not, it is waited for once more */
export function giveBackAtRest(isAtRest: () => boolean): MemoryAtRest {
  let timer: NodeJS.Timeout | null = null;
  let collect: Collect | null = null;
  const look = (): void => {
    if (!isAtRest()) return void timer?.refresh();
    timer = null;
    setFlagsFromString('--expose-gc');
    collect ??= runInNewContext('gc') as Collect;
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  };
  return {
    busy() {
      if (timer === null) timer = setTimeout(look, REST_MS).unref();
      else timer.refresh();
    },
  };
}
