// What crosses the wire between controller and agents. Schemas and types only; no sockets.
export {
  type BandwidthSetWhat,
  type BandwidthState,
  type Boost,
  bandwidthMode,
  bandwidthSet,
  bandwidthState,
  NOBODY,
} from './bandwidth-state.ts';
export { type ChannelState, channelSet, channelState } from './channel-state.ts';
export { DecodeError, decode, MAX_PAYLOAD_BYTES } from './decode.ts';
export { event, type HeadgateEvent } from './event.ts';
export { bootId, topicName } from './ids.ts';
export {
  type GroupManifest,
  type GroupState,
  groupManifest,
  groupName,
  groupState,
  infoHash,
  type ManifestItem,
  manifestItem,
  nameKey,
  relativePath,
  signedText,
} from './manifest.ts';
export { type NodeLimits, nodeLimits } from './node-limits.ts';
export { type NodeReport, nodeReport, nodeSet } from './node-report.ts';
export { type NodeState, nodeState } from './node-state.ts';
export { type Presence, presence } from './presence.ts';
export { type ShaperOrder, type ShaperState, shaperOrder, shaperState } from './shaper-order.ts';
export { type ShapedDirection, type SqmState, sqmState, type Tin } from './sqm-state.ts';
export { type SyncState, syncSet, syncState } from './sync-state.ts';
export { type TopicKey, topics } from './topics.ts';
export { createTypedLink, type Heard, type LinkPort, type Names, type Payload, type TypedLink, topicOf } from './typed-link.ts';
export { BITS_PER_BYTE, KBIT, MBIT } from './units.ts';
export { type UsageState, usageState } from './usage-state.ts';
export { type Link, link, type Throughput, throughput } from './wan-telemetry.ts';
