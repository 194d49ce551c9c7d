// What sync says happened, for notifications.

export type SyncEvent = {
  readonly type:
    | 'losses_held'
    | 'hold_released'
    | 'hold_discarded'
    | 'user_made'
    | 'user_not_made'
    | 'user_gone'
    | 'user_deleted'
    | 'user_renamed'
    | 'playlist_unclear';
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
};
