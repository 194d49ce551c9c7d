// What a planning is given and what it answers. Pure.
import type { CatalogueItem } from '../catalogue-item.ts';
import type { Channel } from '../channel.ts';
import type { ScheduleEntry } from '../schedule-entry.ts';
import type { PlanMemory } from './plan-memory.ts';

export type PlanInput = {
  readonly channel: Pick<Channel, 'id' | 'seed' | 'rules'>;
  /** What `selectItems` answers. */
  readonly items: readonly CatalogueItem[];
  /** Of the filler. */
  readonly clips: readonly CatalogueItem[];
  /** As the last planning left it; null before the first. */
  readonly memory: PlanMemory | null;
  /** All manual entries that end after `fromMs`, by start, also those beyond `toMs`: what is planned last must not run into them. */
  readonly fixed: readonly ScheduleEntry[];
  readonly fromMs: number;
  readonly toMs: number;
  /** IANA name of the home's zone. */
  readonly zone: string;
};

export type Plan = {
  /** Automatic ones from `fromMs`, in the gaps of `fixed`; with it gap-free. */
  readonly entries: readonly ScheduleEntry[];
  readonly memory: PlanMemory;
  /** Where the next planning begins; `toMs` or later. */
  readonly throughMs: number;
};
