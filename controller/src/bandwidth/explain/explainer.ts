// Answers "why": takes the decision that stands, or the one that stood then, and explains one viewer's or client's part of it.
import type { Clock } from '../../clock.ts';
import { ControllerError } from '../../errors.ts';
import type { DecisionStore } from '../decision-store.ts';
import { type Decided, type DecisionNumbers, decisionNumbers, numbersOf } from './decision-numbers.ts';
import { type CapExplanation, explainCap } from './explain-cap.ts';
import { type ClientExplanation, explainClient } from './explain-client.ts';
import { unpackNumbers } from './pack-numbers.ts';

/** UTC ms. */
export type When = {
  /** When it was decided. */
  readonly at: number;
  /** When the next changed decision came; null where it stands. */
  readonly until: number | null;
  /** The next was the first after a start, so this one held until a stop that nobody noted. */
  readonly endedByRestart: boolean;
  readonly numbers: DecisionNumbers;
};

export type Explainer = {
  /** `viewer` is `server/user name`, letter case ignored, or the key of a viewer; `at` UTC ms, null for now. @throws ControllerError not_found, input_invalid */
  explainViewer(viewer: string, at: number | null): Promise<When & { readonly explanation: CapExplanation }>;
  /** A download client, by its name. @throws ControllerError not_found, input_invalid */
  explainClient(client: string, at: number | null): Promise<When & { readonly explanation: ClientExplanation }>;
  /** How the uplink is divided. @throws ControllerError not_found, input_invalid */
  explainUplink(at: number | null): Promise<When>;
};

export type ExplainerDeps = {
  /** What the decision that stands was made from; null before the first. */
  readonly decided: () => Decided | null;
  readonly decisions: Pick<DecisionStore, 'around'>;
  /** `server/user name` as it is written, of a user that is there now; null where nobody is called so. */
  readonly nameOf: (viewer: string) => string | null;
  readonly clock: Pick<Clock, 'now'>;
};

export function createExplainer({ decided, decisions, nameOf, clock }: ExplainerDeps): Explainer {
  async function find(at: number | null, focus: string): Promise<When> {
    if (at !== null) return await findKept(decisions, at, clock.now());
    const now = decided();
    if (now === null) throw new ControllerError('not_found', 'Nothing was decided yet');
    return { at: now.input.utcNow, until: null, endedByRestart: false, numbers: numbersOf(now, focus) };
  }
  return {
    async explainViewer(viewer, at) {
      const wanted = nameOf(viewer) ?? viewer;
      const when = await find(at, wanted);
      const name = Object.keys(when.numbers.viewers).find((one) => one.toLowerCase() === wanted.toLowerCase()) ?? nameOf(viewer);
      if (name === null)
        throw new ControllerError('not_found', `viewer: "${viewer}" is no user of any media server; write it as server/user`);
      if (when.numbers.viewers[name] === undefined && when.numbers.moreViewers > 0)
        throw new ControllerError(
          'not_found',
          `${when.numbers.moreViewers} viewers had limits of their own in that decision and were not kept, perhaps "${viewer}" among them`,
        );
      const explanation = explainCap(when.numbers, name);
      if (explanation === null) throw new ControllerError('not_found', `viewer: "${viewer}" was not known then`);
      return { ...when, explanation };
    },
    explainUplink: (at) => find(at, ''),
    async explainClient(client, at) {
      const when = await find(at, '');
      const explanation = explainClient(when.numbers, client);
      if (explanation === null)
        throw new ControllerError('not_found', `client: "${client}" is no download client that was heard and is limited`);
      return { ...when, explanation };
    },
  };
}

async function findKept(decisions: Pick<DecisionStore, 'around'>, at: number, now: number): Promise<When> {
  if (at > now) throw new ControllerError('input_invalid', 'query.at: lies in the future');
  const { held, next } = await decisions.around(at);
  if (held === null)
    throw new ControllerError(
      'not_found',
      next === null ? 'No decision is kept yet' : `The oldest decision that is kept is of ${new Date(next.at).toISOString()}`,
    );
  const numbers = decisionNumbers.safeParse(unpackNumbers(held.detail['numbers']));
  if (!numbers.success)
    throw new ControllerError(
      'not_found',
      `The decision of ${new Date(held.at).toISOString()} was kept without its numbers, by an earlier version`,
    );
  const after = next === null ? null : decisionNumbers.safeParse(unpackNumbers(next.detail['numbers']));
  return { at: held.at, until: next?.at ?? null, endedByRestart: after?.data?.first === true, numbers: numbers.data };
}
