// What is kept of a decision.

export type DecisionTables = { bandwidth_decisions: { id: string; at: number; mode: string; reason: string; detail: string } };

export type DecisionRecord = {
  readonly id: string;
  readonly at: number;
  readonly mode: string;
  readonly reason: string;
  readonly detail: Readonly<Record<string, unknown>>;
};
