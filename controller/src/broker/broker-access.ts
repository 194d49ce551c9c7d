// Who may publish and subscribe what at the embedded broker, by the protocol's table of topics. Pure.
import { type TopicKey, topics } from '@headgate/protocol';
import { isFilter, isTopic, isWithin, matches } from './topic-filter.ts';

export type BrokerRole = 'router' | 'node' | 'home_assistant' | 'reader';

/** Who connected. `id` is the router's or node's own level in topics; the other roles have no use for it. */
export type BrokerUser = { readonly name: string; readonly id: string; readonly role: BrokerRole };

/** Filters; empty means nothing. No role reaches `$SYS`, since none is given a filter that begins with `$`. */
export type Rights = { readonly publish: readonly string[]; readonly subscribe: readonly string[] };

export type TopicRoots = { readonly base: string; readonly discoveryPrefix: string };

/** Home Assistant's birth and will topic; it stays this whatever the discovery prefix is. */
const HOME_ASSISTANT_STATUS = 'homeassistant/status';

/** The rights of one user. An agent has its own topics only: those that the table gives its role, under its own id. */
export function rightsOf(user: BrokerUser, { base, discoveryPrefix }: TopicRoots): Rights {
  const everything = [`${base}/#`, `${discoveryPrefix}/#`, HOME_ASSISTANT_STATUS];
  const orders = filtersFrom('anyone', base);
  switch (user.role) {
    case 'router':
    case 'node':
      return {
        publish: filtersFrom(user.role, base, user.id),
        subscribe: [
          `${base}/${user.role}/${user.id}/#`,
          `${base}/${topics.controllerPresence.path}`,
          // Of every group: a version and a number of items. What is in it, only its own nodes may read.
          ...(user.role === 'node' ? [`${base}/${topics.groupState.path.replace('{group}', '+')}`] : []),
        ],
      };
    case 'home_assistant':
      return { publish: [...orders, HOME_ASSISTANT_STATUS, `${discoveryPrefix}/status`], subscribe: everything };
    case 'reader':
      return { publish: [], subscribe: everything };
  }
}

/** What the table lets a sender say, as filters: its own id where the path begins with its kind, `+` for other variable levels. */
function filtersFrom(sender: string, base: string, id = '+'): readonly string[] {
  const keys = Object.keys(topics) as TopicKey[];
  return keys
    .map((key) => topics[key])
    .filter((topic) => topic.from === sender)
    .map((topic) => `${base}/${topic.path.replace(`{${sender}}`, id).replaceAll(/\{\w+\}/g, '+')}`);
}

/** Also for wills. */
export const mayPublish = (rights: Rights, topic: string): boolean =>
  isTopic(topic) && rights.publish.some((filter) => matches(filter, topic));

/** The whole filter must lie within one allowed filter: `#` is refused to whom only `headgate/#` is given. */
export const maySubscribe = (rights: Rights, filter: string): boolean =>
  isFilter(filter) && rights.subscribe.some((allowed) => isWithin(filter, allowed));

/** Whether a message may go out to this user: asked for each delivery, so that an old session gains nothing when rights shrink. */
export const mayReceive = (rights: Rights, topic: string): boolean => rights.subscribe.some((allowed) => matches(allowed, topic));
