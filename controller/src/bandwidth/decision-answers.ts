// What can be asked besides how things stand: decisions that are kept, why one viewer or client has its limit, and what is drawn at this moment.
import type { Bandwidth, BandwidthDeps } from './bandwidth.ts';
import { describeNeighbours } from './describe-world.ts';
import type { Decided } from './explain/decision-numbers.ts';
import { createExplainer } from './explain/explainer.ts';
import type { World } from './world.ts';
import { viewerName } from './world-view.ts';

type Answers = Pick<
  Bandwidth,
  'decisions' | 'searchDecisions' | 'explainViewer' | 'explainClient' | 'explainUplink' | 'neighbours'
>;

/** @param decided what the decision that stands was made from; null before the first */
export function decisionAnswers({ stores, clock }: BandwidthDeps, world: World, decided: () => Decided | null): Answers {
  const { decisions } = stores;
  return {
    neighbours: () => describeNeighbours(world),
    decisions: decisions.latest,
    searchDecisions: decisions.search,
    ...createExplainer({ decided, decisions, nameOf: (viewer) => viewerName(world, viewer), clock }),
  };
}
