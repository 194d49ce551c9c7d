// The broker's users: names, passwords, rights. Passwords are kept only as keyed digests and compared in constant time.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../config/secret.ts';
import { type BrokerRole, type BrokerUser, type Rights, rightsOf, type TopicRoots } from './broker-access.ts';

/** As the configuration has it. A user without a password cannot log in. */
export type BrokerUserConfig = {
  readonly name: string;
  readonly id: string;
  readonly password: Secret | null;
  readonly role: BrokerRole;
};

export type KnownUser = BrokerUser & { readonly rights: Rights };

export type BrokerUsers = {
  readonly names: ReadonlySet<string>;
  /** The user, or undefined where name or password is wrong; both take the same time. */
  logIn(name: string, password: Uint8Array): KnownUser | undefined;
};

export function createBrokerUsers(users: readonly BrokerUserConfig[], roots: TopicRoots): BrokerUsers {
  const key = randomBytes(32);
  const digest = (password: Uint8Array | string): Buffer => createHmac('sha256', key).update(password).digest();
  const nobody = randomBytes(32);
  const known = new Map(
    users.map(({ name, id, role, password }) => [
      name,
      {
        user: { name, id, role, rights: rightsOf({ name, id, role }, roots) },
        digest: password === null || password.reveal() === '' ? nobody : digest(password.reveal()),
      },
    ]),
  );
  return {
    names: new Set(known.keys()),
    logIn(name, password) {
      const entry = known.get(name);
      const isRight = timingSafeEqual(digest(password), entry?.digest ?? nobody);
      return isRight ? entry?.user : undefined;
    },
  };
}
