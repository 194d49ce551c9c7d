// sync/maindata of the simulated qBittorrent: everything at first, then what changed since the answer that the caller has. Pure.

type State = Readonly<Record<string, unknown>>;
/** Per session: the last answer sent, and the last one that the caller showed to have. */
export type SyncMemory = {
  readonly sent: { readonly id: number; readonly state: State };
  readonly accepted: { readonly id: number; readonly state: State } | null;
};

/** `startsOver`: up to 4.5 a call without rid counts from 1 again. */
export const maindataAnswer = (
  memory: SyncMemory | null,
  { rid, state, startsOver }: { readonly rid: number; readonly state: State; readonly startsOver: boolean },
): { readonly answer: State; readonly memory: SyncMemory } => {
  const accepted =
    memory === null || rid <= 0
      ? null
      : memory.sent.id === rid
        ? memory.sent
        : memory.accepted?.id === rid
          ? memory.accepted
          : null;
  const id = ((startsOver && rid <= 0 ? 0 : (memory?.sent.id ?? 0)) % 1_000_000) + 1;
  const changed = Object.fromEntries(Object.entries(state).filter(([key, value]) => accepted?.state[key] !== value));
  const answer =
    accepted === null
      ? { categories: {}, full_update: true, rid: id, server_state: state, tags: [], torrents: {}, trackers: {} }
      : { rid: id, ...(Object.keys(changed).length === 0 ? {} : { server_state: changed }) };
  return { answer, memory: { sent: { id, state }, accepted } };
};
