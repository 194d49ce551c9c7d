// How each node stands in short, over MQTT: said when it changes, taken away when the node is none of ours any more.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { createBell } from '../neighbours/bell.ts';
import type { DistributionLink } from './distribution-mqtt.ts';
import { nodeStateOf } from './node-summary.ts';
import type { NodeTokens } from './node-tokens.ts';
import type { Nodes } from './nodes.ts';

export type NodeStatesDeps = {
  readonly nodes: Pick<Nodes, 'all' | 'get' | 'onChange'>;
  readonly tokens: Pick<NodeTokens, 'get'>;
  /** Whether a node that says something is one of this home. */
  readonly isOurs: (node: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
};

/** Several of its first words come together. */
const SOON_MS = 200;
/** Rates change each second, and Home Assistant's recorder keeps every state. */
const EACH_MS = 5_000;
/** Silence is no message. */
const ALL_EACH_MS = 60_000;

/** Runs until the signal fires. */
export async function runNodeStates(deps: NodeStatesDeps, mqtt: DistributionLink, signal: AbortSignal): Promise<void> {
  const { nodes, clock, log } = deps;
  const said = new Map<string, { readonly text: string; readonly atMs: number }>();
  const due = new Set<string>();
  const bell = createBell(clock);
  let allAtMs = Number.NEGATIVE_INFINITY;
  const ends = [
    nodes.onChange((node) => {
      due.add(node);
      bell.ring();
    }),
    mqtt.onAsked(() => {
      said.clear();
      allAtMs = Number.NEGATIVE_INFINITY;
      bell.ring();
    }),
  ];
  while (!signal.aborted) {
    if (clock.monotonic() - allAtMs >= ALL_EACH_MS) {
      allAtMs = clock.monotonic();
      for (const { node } of nodes.all()) due.add(node);
    }
    for (const node of [...due]) {
      const before = said.get(node);
      if (before !== undefined && clock.monotonic() - before.atMs < EACH_MS) continue;
      due.delete(node);
      const text = await sayOne(deps, mqtt, node, before?.text ?? null).catch((error: unknown) => {
        log.debug({ node, error: messageOf(error) }, 'state of a node not published');
        return null;
      });
      if (text === null) said.delete(node);
      else said.set(node, { text, atMs: text === before?.text ? before.atMs : clock.monotonic() });
    }
    const rung = await bell.wait(due.size > 0 ? 5 * SOON_MS : ALL_EACH_MS, signal).catch(() => 'over');
    if (rung === 'rung') await clock.sleep(SOON_MS, signal).catch(() => {});
  }
  for (const end of ends) end();
}

/** Answers with what stands there now; null: nothing. */
async function sayOne(
  { nodes, tokens, isOurs, clock }: NodeStatesDeps,
  { link, forget }: DistributionLink,
  node: string,
  before: string | null,
): Promise<string | null> {
  const seen = nodes.get(node);
  const state = seen === null || !isOurs(node) ? null : nodeStateOf(seen, tokens.get(node), clock.now());
  if (state === null) {
    if (before !== null) await forget(link.topic('nodeState', { node }));
    return null;
  }
  const { at: _, ...rest } = state;
  const text = JSON.stringify(rest);
  if (text !== before) await link.say('nodeState', { node }, state);
  return text;
}
