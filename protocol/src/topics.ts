// The one table of topics: who says what, where, how it is carried. All topics stand under a base (default "headgate").
import { bandwidthSet, bandwidthState } from './bandwidth-state.ts';
import { channelSet, channelState } from './channel-state.ts';
import { event } from './event.ts';
import { groupState } from './manifest.ts';
import { nodeLimits } from './node-limits.ts';
import { nodeReport, nodeSet } from './node-report.ts';
import { nodeState } from './node-state.ts';
import { presence } from './presence.ts';
import { shaperOrder, shaperState } from './shaper-order.ts';
import { sqmState } from './sqm-state.ts';
import { syncSet, syncState } from './sync-state.ts';
import { usageState } from './usage-state.ts';
import { link, throughput } from './wan-telemetry.ts';

const said = { qos: 0, retain: false } as const;
const kept = { qos: 1, retain: true } as const;
const order = { qos: 1, retain: false } as const;

/**
 * `path` has `{name}` for each variable level. `from` is who publishes; everyone else only reads.
 * `raw` payloads are bare text (Home Assistant's controls), all others are JSON.
 */
export const topics = {
  controllerPresence: { path: 'controller/presence', from: 'controller', schema: presence, ...kept },
  routerPresence: { path: 'router/{router}/presence', from: 'router', schema: presence, ...kept },
  nodePresence: { path: 'node/{node}/presence', from: 'node', schema: presence, ...kept },
  throughput: { path: 'router/{router}/wan/{wan}/throughput', from: 'router', schema: throughput, ...said },
  sqm: { path: 'router/{router}/wan/{wan}/sqm', from: 'router', schema: sqmState, ...kept },
  link: { path: 'router/{router}/wan/{wan}/link', from: 'router', schema: link, ...kept },
  shaperOrder: { path: 'router/{router}/shaper/order', from: 'controller', schema: shaperOrder, ...order },
  shaperState: { path: 'router/{router}/shaper/state', from: 'router', schema: shaperState, ...kept },
  groupState: { path: 'group/{group}/manifest', from: 'controller', schema: groupState, ...kept },
  nodeLimits: { path: 'node/{node}/limits', from: 'controller', schema: nodeLimits, ...order },
  nodeReport: { path: 'node/{node}/report', from: 'node', schema: nodeReport, ...kept },
  nodeState: { path: 'node/{node}/state', from: 'controller', schema: nodeState, ...kept },
  setNodeRescan: { path: 'node/{node}/set/rescan', from: 'anyone', schema: nodeSet.rescan, raw: true, ...order },
  setNodePaused: { path: 'node/{node}/set/paused', from: 'anyone', schema: nodeSet.paused, raw: true, ...order },
  bandwidthState: { path: 'bandwidth/state', from: 'controller', schema: bandwidthState, ...kept },
  setEnabled: { path: 'bandwidth/set/enabled', from: 'anyone', schema: bandwidthSet.enabled, raw: true, ...order },
  setDryRun: { path: 'bandwidth/set/dry_run', from: 'anyone', schema: bandwidthSet.dry_run, raw: true, ...order },
  setAlgorithm: { path: 'bandwidth/set/algorithm', from: 'anyone', schema: bandwidthSet.algorithm, raw: true, ...order },
  setReserve: { path: 'bandwidth/set/reserve', from: 'anyone', schema: bandwidthSet.reserve, ...order },
  setCapacity: { path: 'bandwidth/set/capacity', from: 'anyone', schema: bandwidthSet.capacity, ...order },
  setRestore: { path: 'bandwidth/set/restore', from: 'anyone', schema: bandwidthSet.restore, raw: true, ...order },
  setPause: { path: 'bandwidth/set/pause', from: 'anyone', schema: bandwidthSet.pause, ...order },
  setOverride: { path: 'bandwidth/set/override', from: 'anyone', schema: bandwidthSet.override, ...order },
  setBoostViewer: { path: 'bandwidth/set/boost_viewer', from: 'anyone', schema: bandwidthSet.boostViewer, raw: true, ...order },
  setBoost: { path: 'bandwidth/set/boost', from: 'anyone', schema: bandwidthSet.boost, ...order },
  usageState: { path: 'usage/state', from: 'controller', schema: usageState, ...kept },
  channelState: { path: 'channel/{channel}/state', from: 'controller', schema: channelState, ...kept },
  setChannelSkip: { path: 'channel/{channel}/set/skip', from: 'anyone', schema: channelSet.skip, raw: true, ...order },
  setChannelEnabled: { path: 'channel/{channel}/set/enabled', from: 'anyone', schema: channelSet.enabled, raw: true, ...order },
  syncState: { path: 'sync/state', from: 'controller', schema: syncState, ...kept },
  setSyncPaused: { path: 'sync/set/paused', from: 'anyone', schema: syncSet.paused, raw: true, ...order },
  event: { path: 'event', from: 'controller', schema: event, ...order },
} as const;

export type Topics = typeof topics;
export type TopicKey = keyof Topics;

/** The variable levels of a path: `{router}` and `{wan}` become `{ router: string; wan: string }`. */
export type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name]: string } & PathNames<Rest>
  : unknown;
