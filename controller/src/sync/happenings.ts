// What happens while servers are kept the same that people and their automations may want to know.

export type SyncHappening =
  | { readonly kind: 'hook'; readonly server: string }
  /** Something was played there of which no hook came. `isFirst`: until then they came. */
  | { readonly kind: 'hook-lost'; readonly server: string; readonly isFirst: boolean }
  | { readonly kind: 'hooks-back'; readonly server: string }
  /** `success` false: it reads back otherwise. */
  | { readonly kind: 'delivered'; readonly server: string; readonly success: boolean; readonly atMs: number }
  | {
      readonly kind: 'dead-letter';
      readonly server: string;
      readonly person: string;
      readonly itemName: string;
      readonly problem: string;
    }
  | { readonly kind: 'away'; readonly server: string; readonly problem: string }
  | { readonly kind: 'back'; readonly server: string; readonly awayMs: number }
  | {
      readonly kind: 'met';
      readonly server: string;
      readonly person: string;
      readonly touched: number;
      readonly joined: number;
    };

/** Where to say so. */
export type Telling = {
  /** A server was asked. @param problem null: it answered */
  heard(server: string, problem: string | null): void;
  happened(happened: SyncHappening): void;
};
