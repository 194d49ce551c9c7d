// What a player understands of the server's messages. Pure.
import { ticksPerMs } from './identity.ts';
import type { ServerMessage } from './viewer-connection.ts';

export type ViewerCommand =
  | { readonly name: 'audio'; readonly index: number }
  | { readonly name: 'message'; readonly text: string }
  | { readonly name: 'play'; readonly itemIds: readonly string[]; readonly startMs: number }
  /** `paused` null toggles. */
  | { readonly name: 'pause'; readonly paused: boolean | null }
  | { readonly name: 'seek'; readonly ms: number }
  | { readonly name: 'next' }
  | { readonly name: 'stop' };

type GeneralData = { readonly Name?: string; readonly Arguments?: Readonly<Record<string, string>> };
type PlayData = { readonly ItemIds?: readonly string[]; readonly PlayCommand?: string; readonly StartPositionTicks?: number };
type PlaystateData = { readonly Command?: string; readonly SeekPositionTicks?: number };

function playstate(data: PlaystateData): ViewerCommand | null {
  switch (data.Command) {
    case 'Stop':
      return { name: 'stop' };
    case 'Pause':
      return { name: 'pause', paused: true };
    case 'Unpause':
      return { name: 'pause', paused: false };
    case 'PlayPause':
      return { name: 'pause', paused: null };
    case 'NextTrack':
      return { name: 'next' };
    case 'Seek':
      return { name: 'seek', ms: (data.SeekPositionTicks ?? 0) / ticksPerMs };
    default:
      return null;
  }
}

/** Null for all else: SetMaxStreamingBitrate, subtitles, repeat and content commands change nothing that a limit touches. */
export function readCommand(message: ServerMessage): ViewerCommand | null {
  const data = message.Data;
  if (data === null || typeof data !== 'object') return null;
  if (message.MessageType === 'Playstate') return playstate(data as PlaystateData);
  if (message.MessageType === 'Play') {
    const { ItemIds = [], PlayCommand, StartPositionTicks = 0 } = data as PlayData;
    return PlayCommand === 'PlayNow' && ItemIds.length > 0
      ? { name: 'play', itemIds: ItemIds, startMs: StartPositionTicks / ticksPerMs }
      : null;
  }
  if (message.MessageType !== 'GeneralCommand') return null;
  const { Name, Arguments = {} } = data as GeneralData;
  // Seen: index 99 is accepted and echoed.
  if (Name === 'SetAudioStreamIndex' && /^-?\d+$/.test(Arguments['Index'] ?? ''))
    return { name: 'audio', index: Number(Arguments['Index']) };
  if (Name === 'DisplayMessage') return { name: 'message', text: Arguments['Text'] ?? '' };
  return null;
}
