// Looks at each neighbour's health, and tells of those that fell silent or came back.
import type { BandwidthDeps } from '../bandwidth.ts';
import type { World } from '../world.ts';
import { type AlarmMemory, tellNeighbours, type Watched } from './neighbour-alarms.ts';

/** Answers with what to call each turn: a silence is told up to a second late. `before`: what an earlier run told. */
export function createAlarmWatch(
  world: World,
  { clock, tell }: Pick<BandwidthDeps, 'clock' | 'tell'>,
  before: AlarmMemory,
): () => void {
  let memory = before;
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
