// --dry-run: what would be done, one line each; nothing is placed, moved or fetched but the manifests.
import type { Agent } from './agent.ts';
import type { Config } from './config-schema.ts';
import { wantedItems } from './library/reconcile.ts';

/** True where every manifest could be had. */
export async function dryRun(
  agent: Agent,
  select: Config['select'],
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  await Promise.all(agent.followers.map((follower) => follower.refresh(signal, 1)));
  const versions = new Map(
    agent.followers.flatMap((one) =>
      [one.manifest()].flatMap((got) => (got === null ? [] : [[got.group, got.version] as const])),
    ),
  );
  const { plan } = await agent.keeper.settle(wantedItems(agent.followers, select), versions);
  for (const { item, look, get } of plan.items) {
    if (item.skip !== null) print(`skip      ${item.path}: ${item.skip}`);
    for (const file of look) print(`verify    ${file.path}`);
    for (const file of get) print(`download  ${file.path}${file.size === null ? '' : ` (${file.size} bytes)`}`);
  }
  for (const { from, to } of plan.renames) print(`rename    ${from.path} to ${to.path}`);
  for (const { path } of plan.leave) print(`leave     ${path}`);
  for (const { path } of plan.trash) print(`trash     ${path}`);
  for (const { group, dropped, of } of plan.waiting)
    print(`wait      ${group}: ${dropped} of ${of} items are not shared any more; --confirm ${group} says that it was meant`);
  for (const follower of agent.followers)
    if (follower.problem() !== null) print(`FAIL      ${follower.source.group ?? follower.source.origin}: ${follower.problem()}`);
  return agent.followers.every((follower) => follower.problem() === null);
}
