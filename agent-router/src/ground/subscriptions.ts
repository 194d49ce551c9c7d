// Who hears which topics. Outlives any one connection.
import type { LinkPort } from '@headgate/protocol';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

type OnMessage = Parameters<LinkPort['subscribe']>[1];

export type Subscriptions = {
  readonly add: (filter: string, onMessage: OnMessage) => () => Promise<void>;
  readonly filters: () => Iterable<string>;
  readonly deliver: (topic: string, payload: Uint8Array, retained: boolean) => void;
  readonly refused: (filter: string, problem: string) => void;
};

/** @param subscribe asks the broker now, if there is a connection; each new connection asks for all `filters` again. */
export function createSubscriptions(subscribe: (filter: string) => void, log: Log): Subscriptions {
  const heard = new Map<string, Set<OnMessage>>();
  return {
    add(filter, onMessage) {
      const known = heard.get(filter) ?? new Set();
      heard.set(filter, known.add(onMessage));
      subscribe(filter);
      return async () => {
        known.delete(onMessage);
        if (known.size === 0) heard.delete(filter);
      };
    },
    filters: () => heard.keys(),
    deliver(topic, payload, retained) {
      for (const [filter, listeners] of heard) {
        if (!matches(filter, topic)) continue;
        for (const listener of listeners) {
          try {
            listener(topic, payload, retained);
          } catch (error) {
            log.error({ topic, problem: messageOf(error) }, 'a message could not be handled');
          }
        }
      }
    },
    refused: (filter, problem) => log.warn({ filter, problem }, 'the broker refused a subscription'),
  };
}

function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  return wanted.length === levels.length && wanted.every((want, i) => want === '+' || want === levels[i]);
}
