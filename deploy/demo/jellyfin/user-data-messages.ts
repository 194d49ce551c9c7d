// UserDataChanged: half a second after the last save, to the sockets of that user alone, and never of progress (facts/jellyfin.md §4, §10).
import type { Dto } from './item-dto.ts';
import type { Library, LibraryItem } from './library.ts';
import type { Saved } from './user-data.ts';

export type UserDataMessages = { readonly saved: (saved: Saved) => void; end(): void };

export function createUserDataMessages(need: {
  readonly library: Library;
  readonly dto: (userId: string, item: LibraryItem) => Dto;
  readonly toUser: (userId: string, message: Dto) => void;
  readonly delayMs: number;
}): UserDataMessages {
  const waiting = new Map<string, Set<string>>();
  let timer: NodeJS.Timeout | undefined;
  const send = () => {
    for (const [userId, ids] of waiting) {
      const entries = [...ids].flatMap((id) => entryOf(need, userId, id));
      need.toUser(userId, { Data: { UserId: userId, UserDataList: entries }, MessageType: 'UserDataChanged' });
    }
    waiting.clear();
  };
  return {
    saved({ userId, item, reason }) {
      if (reason === 'PlaybackProgress') return;
      const ids = waiting.get(userId) ?? new Set<string>();
      waiting.set(userId, ids.add(item.id));
      // What it lies in comes as well: its count of unwatched ones may have changed.
      if (item.parentId !== null) ids.add(item.parentId);
      clearTimeout(timer);
      // unref'd, so that a simulator that is closed meanwhile ends.
      timer = setTimeout(send, need.delayMs).unref();
    },
    end() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

function entryOf(need: Parameters<typeof createUserDataMessages>[0], userId: string, id: string): Dto[] {
  const item = need.library.byId(id);
  if (item) return [need.dto(userId, item)];
  const folder = need.library.folders.some((one) => one.id === id);
  return folder ? [{ PlaybackPositionTicks: 0, PlayCount: 0, IsFavorite: false, Played: false, ItemId: id }] : [];
}
