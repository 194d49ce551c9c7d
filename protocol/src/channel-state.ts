// What a TV channel shows now and next, for dashboards and automations: said when it changes.
import * as z from 'zod/mini';
import { moment } from './units.ts';

const programme = z.object({
  title: z.string(),
  /** Title of the episode; null for films and cards. */
  subtitle: z.nullable(z.string()),
  start: moment,
  end: moment,
});

export const channelState = z.object({
  at: moment,
  name: z.string(),
  number: z.string(),
  enabled: z.boolean(),
  /** Null in a gap of a channel that is filled by hand. */
  now: z.nullable(programme),
  next: z.nullable(programme),
  viewers: z.int().check(z.nonnegative()),
  /** `off` while nobody watches, so nothing is played. */
  showing: z.enum(['programme', 'slate', 'card', 'off']),
});
export type ChannelState = z.infer<typeof channelState>;

/** What may be set from outside at `channel/<id>/set/<what>`, as Home Assistant's button and switch send it. */
export const channelSet = { skip: z.literal('PRESS'), enabled: z.enum(['ON', 'OFF']) } as const;
