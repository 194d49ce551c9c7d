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
/** Rates and progress change each second, and Home Assistant's recorder keeps every state. What else changes is told at once: a switch shows it. */
const FIGURES_EACH_MS = 5_000;
/** Silence is no message. */
const ALL_EACH_MS = 60_000;

type Said = { readonly news: string; readonly figures: string; readonly atMs: number };

/** Runs until the signal fires. */
export async function runNodeStates(deps: NodeStatesDeps, mqtt: DistributionLink, signal: AbortSignal): Promise<void> {
  const { nodes, clock, log } = deps;
  const said = new Map<string, Said>();
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
      due.delete(node);
      await sayOne(deps, mqtt, node, said).then(
        (isLate) => isLate && due.add(node),
        (error: unknown) => {
          said.delete(node);
          log.debug({ node, error: messageOf(error) }, 'state of a node not published');
        },
      );
    }
    const rung = await bell.wait(due.size > 0 ? 5 * SOON_MS : ALL_EACH_MS, signal).catch(() => 'over');
    if (rung === 'rung') await clock.sleep(SOON_MS, signal).catch(() => {});
  }
  for (const end of ends) end();
}

/** True where there is something that is to be said a little later. */
async function sayOne(
  { nodes, tokens, isOurs, clock }: NodeStatesDeps,
  { link, forget }: DistributionLink,
  node: string,
  said: Map<string, Said>,
): Promise<boolean> {
  const seen = nodes.get(node);
  const state = seen === null || !isOurs(node) ? null : nodeStateOf(seen, tokens.get(node), clock.now());
  const before = said.get(node);
  if (state === null) {
    if (said.delete(node)) await forget(link.topic('nodeState', { node }));
    return false;
  }
  const { at: _, progress_percent, up_bps, down_bps, free_bytes, ...rest } = state;
  const [news, figures] = [JSON.stringify(rest), JSON.stringify([progress_percent, up_bps, down_bps, free_bytes])];
  const now = clock.monotonic();
  if (before?.news === news) {
    if (before.figures === figures) return false;
    if (now - before.atMs < FIGURES_EACH_MS) return true;
  }
  await link.say('nodeState', { node }, state);
  said.set(node, { news, figures, atMs: now });
  return false;
}
