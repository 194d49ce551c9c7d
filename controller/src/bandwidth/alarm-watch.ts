// Looks at each neighbour's health, and tells of those that fell silent or came back.
import type { Clock } from '../clock.ts';
import type { BandwidthEvent } from './bandwidth-event.ts';
import { type AlarmMemory, tellNeighbours, type Watched } from './neighbour-alarms.ts';
import type { World } from './world.ts';

/** Answers with what to call each turn: a silence is told up to a second late. */
export function createAlarmWatch(world: World, clock: Clock, tell: (event: BandwidthEvent) => void): () => void {
  let memory: AlarmMemory = new Map();
  return () => {
    const told = tellNeighbours(neighboursOf(world), memory, clock.monotonic());
    memory = told.memory;
    for (const event of told.events) tell(event);
  };
}

const neighboursOf = ({ servers, torrents }: World): readonly Watched[] => [
  ...servers.map(({ server: { name, type }, state }): Watched => {
    const { health, streams } = state();
    return { name, kind: 'media_server', type, health, counted: streams.filter(({ counts }) => counts).length };
  }),
  ...torrents.map(
    ({ client: { name, type }, health }): Watched => ({ name, kind: 'download_client', type, health: health(), counted: 0 }),
  ),
];
