// How well the MQTT broker can be reached, in the words that status and /readyz show.

export type BrokerHealth = {
  /** `starting` no answer yet · `live` · `unreachable` tried again by itself · `refused` wrong user or password, tried again each 5 min only. */
  readonly state: 'starting' | 'live' | 'unreachable' | 'refused';
  /** UTC ms at which this state began. */
  readonly since: number;
  /** A sentence for a person; null when all is well. */
  readonly problem: string | null;
};
