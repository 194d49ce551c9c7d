// What is kept of an event, and what a sink gets of one or several.
import type { HeadgateEvent } from '@headgate/protocol';

export type Severity = HeadgateEvent['severity'];
export type Details = HeadgateEvent['details'];

/** An event as a feature says it. */
export type Happened = {
  readonly type: string;
  readonly severity: Severity;
  readonly text: string;
  readonly details: Details;
};

/** An event that was told, as it is kept. */
export type Notification = Happened & {
  /** Unique, and the same at each attempt: a receiver that got it twice can tell. */
  readonly id: string;
  /** UTC ms. */
  readonly at: number;
  /** What it is about: the same for its beginning and its end. */
  readonly subject: string;
  /** How often it happened again and was not told anew. */
  readonly repeats: number;
};

/** What goes to a sink. */
export type Message = {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** One of the closed list; `summary` of several, `test` of none. */
  readonly type: string;
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
  readonly details: Details;
  readonly repeats: number;
  /** Older ones that this sink never got. */
  readonly lost: number;
};

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

export const atLeast = (severity: Severity, least: Severity): boolean => RANK[severity] >= RANK[least];
