// The slates of one running channel: which of them stands in, and the card that names what comes after a programme that cannot be played.
import type { ChannelLook } from '../on-air/live-messages.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import { stepAfter, stepKey } from './plan-book.ts';
import { createSlateLoop, type SlateLoop } from './slate-loop.ts';
import type { SlateKind, Slates } from './slates.ts';

export type SessionSlates = {
  /** Null: none is ready. */
  at(step: PlanStep | null | 'pre-warm', trouble: 'none' | 'broke off' | 'failed'): SlateLoop | null;
  /** Makes the card for a step that failed. */
  fault(step: PlanStep, steps: readonly PlanStep[]): void;
};

export type SessionSlatesDeps = { readonly look: ChannelLook; readonly slates: Slates; readonly zone: string | undefined };

export function createSessionSlates({ look, slates, zone }: SessionSlatesDeps): SessionSlates {
  const loops = new Map<string, SlateLoop>();
  const add = (name: string, bytes: Uint8Array | null): void => {
    const loop = bytes === null ? null : createSlateLoop(bytes);
    if (loop !== null) loops.set(name, loop);
  };
  const load = async (kind: SlateKind): Promise<void> => add(kind, await slates.load(look, kind));
  const first = slates.starting(look);
  add('starting', first);
  if (first === null) void load('starting');
  void load('fault').then(() => load('off air'));
  let card: string | null = null;
  return {
    at(step, trouble) {
      const kind = step === null ? 'off air' : trouble === 'none' ? 'starting' : 'fault';
      const own = step === null || step === 'pre-warm' || trouble !== 'failed' ? undefined : loops.get(stepKey(step));
      return own ?? loops.get(kind) ?? loops.get('starting') ?? null;
    },
    fault(step, steps) {
      const next = stepAfter(steps, step.startMs);
      if (card !== null) loops.delete(card);
      card = stepKey(step);
      if (next === null) return;
      const lines = [look.name, 'Technical fault', `${clockTime(next.startMs, zone)}  ${next.title}`];
      const name = card;
      void slates.card(look.picture, lines).then((bytes) => {
        if (card === name) add(name, bytes);
      });
    },
  };
}

const clockTime = (ms: number, zone: string | undefined): string =>
  new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(ms);
