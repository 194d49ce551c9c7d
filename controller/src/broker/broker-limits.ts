// Every bound of the embedded broker in one place.

export type BrokerLimits = typeof BROKER_LIMITS;

/** A home has a handful of clients; these leave room for ten times that and keep a hostile one from taking the machine. More users: `limitsFor`. */
export const BROKER_LIMITS = {
  connections: 200,
  /** New connections per second, from everyone together; a burst of twice that is taken. */
  connectionsPerSecond: 50,
  /** Largest MQTT packet; protocol payloads end at 256 KiB. */
  packetBytes: 300 * 1024,
  /** Messages per second from one client; faster ones are slowed down, not cut off. A burst of twice that is taken. */
  messagesPerSecond: 2_000,
  retainedTopics: 5_000,
  retainedBytes: 32 * 1024 * 1024,
  sessions: 200,
  subscriptionsPerSession: 100,
  /** QoS 1/2 messages kept for one absent session; the oldest goes first. */
  queuedPerSession: 1_000,
  queuedBytesPerSession: 8 * 1024 * 1024,
  /** A retained topic that changed within this time is "hot": its changes reach the disk at most once per `hotWriteMs`. */
  hotWithinMs: 60_000,
  hotWriteMs: 30_000,
  /** A message to a connected session reaches the disk only if it is unacknowledged after this. */
  inFlightWriteMs: 1_000,
  /** After a write that failed. */
  retryWriteMs: 10_000,
  /** A reader that takes nothing for this long is cut off: until then it slows the others down. */
  drainMs: 5_000,
  /** aedes' heartbeat, which writes nothing. Wills of clients that a killed broker had go out after four of them. */
  heartbeatMs: 15_000,
  /** From connect to CONNECT. */
  helloMs: 10_000,
};

/** What a user's topics come to: presence, report or shaper's state, and what Home Assistant is told of it. */
const TOPICS_EACH = 10;
const BYTES_EACH = 64 * 1024;

/** With room for so many configured users, each with a connection and another one that is dead and not known to be; after a power cut all come within seconds. */
export const limitsFor = (users: number): BrokerLimits => ({
  ...BROKER_LIMITS,
  connections: Math.max(BROKER_LIMITS.connections, 2 * users),
  sessions: Math.max(BROKER_LIMITS.sessions, 2 * users),
  connectionsPerSecond: Math.max(BROKER_LIMITS.connectionsPerSecond, Math.ceil(users / 5)),
  retainedTopics: Math.max(BROKER_LIMITS.retainedTopics, TOPICS_EACH * users),
  retainedBytes: Math.max(BROKER_LIMITS.retainedBytes, BYTES_EACH * users),
});
