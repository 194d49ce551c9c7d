// Pure: from what Home Assistant was told and what it should know to the messages that are due.

/** Text by discovery topic; an empty text removes the device. */
export type Texts = ReadonlyMap<string, string>;
export type DiscoveryStep = { readonly topic: string; readonly payload: string };

/**
 * Only differences. A component that is no longer wanted is sent once with nothing but its platform, which removes the entity,
 * and then left out: so a topic can have two steps, which the caller keeps some seconds apart (Home Assistant skips the rest of a
 * message while one component's update is still pending).
 * @param owned topics of ours that stand at the broker, from an earlier run or a removed router.
 * @param awaited topics that stay as they are.
 */
export function planDiscovery(wanted: Texts, owned: Texts, awaited: ReadonlySet<string>): readonly DiscoveryStep[] {
  const steps: DiscoveryStep[] = [];
  for (const [topic, payload] of wanted) {
    const before = owned.get(topic);
    if (before === payload) continue;
    const farewell = before === undefined ? null : withRemovals(before, payload);
    if (farewell !== null) steps.push({ topic, payload: farewell });
    steps.push({ topic, payload });
  }
  for (const topic of owned.keys()) if (!wanted.has(topic) && !awaited.has(topic)) steps.push({ topic, payload: '' });
  return steps;
}

type Sent = { readonly components?: Readonly<Record<string, { readonly platform?: unknown }>> };

function withRemovals(before: string, after: string): string | null {
  const old = parse(before)?.components ?? {};
  const next = parse(after);
  if (next?.components === undefined) return null;
  const gone = Object.entries(old).filter(([key]) => next.components?.[key] === undefined);
  if (gone.length === 0) return null;
  const removals = Object.fromEntries(gone.map(([key, { platform }]) => [key, { platform }]));
  return JSON.stringify({ ...next, components: { ...next.components, ...removals } });
}

const PARTS = ['router', 'channel', 'node'];
/** Of which there is one. */
const WHOLE = ['sync'];

/** A payload of ours names us as its origin and a device of our base; others' are never touched. */
export function isOurs(payload: string, origin: string, controllerId: string): boolean {
  const value = parse(payload) as {
    readonly origin?: { readonly name?: unknown };
    readonly device?: { readonly identifiers?: unknown };
  } | null;
  const identifiers = value?.device?.identifiers;
  return (
    value?.origin?.name === origin &&
    Array.isArray(identifiers) &&
    identifiers.some(
      (id) =>
        id === controllerId ||
        WHOLE.some((part) => id === `${controllerId}_${part}`) ||
        PARTS.some((part) => String(id).startsWith(`${controllerId}_${part}_`)),
    )
  );
}

function parse(text: string): Sent | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Sent) : null;
  } catch {
    return null;
  }
}
