// Users who come, go and are renamed: what goes with them, and who is told before the call is answered.
import type { ActivityLog } from './activity-log.ts';
import { refusals } from './answer.ts';
import type { Dto } from './item-dto.ts';
import type { Playlists } from './playlists.ts';
import type { StoredUser, Users } from './users.ts';
import type { WatchedStore } from './watched-store.ts';
import type { WebhookPlugin } from './webhook-plugin.ts';

export type People = {
  add(name: string, password: string, patch?: Readonly<Record<string, unknown>>): { user: StoredUser; told: Promise<void> };
  /** With tokens, playlists and all that was watched. */
  remove(user: StoredUser): Promise<void>;
  rename(user: StoredUser, name: string): Promise<void>;
};

export function createPeople(need: {
  readonly users: Users;
  readonly playlists: Pick<Playlists, 'removeOf'>;
  readonly watched: WatchedStore;
  readonly activity: ActivityLog;
  readonly webhooks: Pick<WebhookPlugin, 'user'>;
  readonly userDto: (user: StoredUser) => Dto;
  readonly toAdministrators: (message: Dto) => void;
}): People {
  const { users, activity, webhooks } = need;
  return {
    add(name, password, patch) {
      const user = users.add(name, password, patch);
      activity.userMade(user);
      return { user, told: webhooks.user('UserCreated', user) };
    },
    async remove(user) {
      const administrators = users.list().filter(({ policy }) => policy.IsAdministrator);
      if (user.policy.IsAdministrator && administrators.length === 1) throw refusals.processing(400);
      users.remove(user.id);
      need.playlists.removeOf(user.id);
      need.watched.forgetUser(user.id);
      activity.userRemoved(user);
      need.toAdministrators({ Data: user.id, MessageType: 'UserDeleted' });
      await webhooks.user('UserDeleted', user);
    },
    async rename(user, name) {
      users.rename(user, name);
      need.toAdministrators({ Data: need.userDto(user), MessageType: 'UserUpdated' });
      await webhooks.user('UserUpdated', user);
    },
  };
}
