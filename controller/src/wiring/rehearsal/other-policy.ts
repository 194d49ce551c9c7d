// The policy that a rehearsal tries, as plain values that cross threads.
import type { Overrides } from '../../bandwidth/rehearsal/other-settings.ts';
import { configuredPolicy, overridingPolicy, type Policy } from '../../bandwidth/rehearsal/replay/policy.ts';
import type { Config } from '../../config/config-schema.ts';
import { byTheHour, type RuledSettings } from '../bandwidth-of-config.ts';

export type OtherPolicy =
  | { readonly kind: 'overrides'; readonly overrides: Overrides }
  | { readonly kind: 'configuration'; readonly ruled: RuledSettings };

export const policyOf = (other: OtherPolicy): Policy =>
  other.kind === 'overrides' ? overridingPolicy(other.overrides) : configuredPolicy(byTheHour(other.ruled));

/** Sections that say whom Headgate sees and where: what was recorded was seen under the present ones. */
const SEEN = { network: 'network', mediaServers: 'media_servers' } as const;

/** A sentence for each section that differs and that no replay can follow. */
export const notReplayed = (now: Pick<Config, keyof typeof SEEN>, other: Pick<Config, keyof typeof SEEN>): readonly string[] =>
  Object.entries(SEEN).flatMap(([key, name]) => {
    const [a, b] = [now, other].map((one) => JSON.stringify(one[key as keyof typeof SEEN]));
    return a === b ? [] : [`${name} is another there: where viewers are and who is limited is replayed as it was recorded.`];
  });
