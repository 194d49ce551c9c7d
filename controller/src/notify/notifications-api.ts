// REST shapes of the notifications; the web page imports these and nothing else of the feature.
import { z } from 'zod';

const moment = z.iso.datetime({ offset: true });
const severity = z.enum(['info', 'warning', 'error']);

const notificationView = z.object({
  id: z.string(),
  at: moment,
  type: z.string(),
  severity,
  title: z.string(),
  text: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  repeats: z.int().describe('how often it happened again and was not told anew'),
});

const sinkView = z.object({
  name: z.string(),
  type: z.enum(['webhook', 'ntfy']),
  state: z
    .enum(['live', 'polling', 'starting', 'unreachable', 'refused'])
    .describe('starting: nothing was sent yet; refused: wrong key or address'),
  since: moment,
  problem: z.string().nullable(),
  waiting: z.int().describe('to be sent, what is held included'),
  held: z.int().describe('held back by quiet hours'),
  delivered: z.int().describe('since the start'),
  lost: z.int().describe('too old, or too many, while the sink did not take them'),
  unfit: z.int().describe('refused for what they are'),
  retry_at: moment.nullable(),
});

export const notificationsView = z.object({ events: z.array(notificationView), sinks: z.array(sinkView) });

export const notificationsQuery = z.object({
  type: z.string().max(500).optional().describe('types, separated by commas'),
  severity: severity.optional().describe('this and worse'),
  since: moment.optional(),
  until: moment.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export const testQuery = z.object({ sink: z.string().min(1).max(64).optional().describe('without it, all') });

export const testResults = z.array(
  z.object({ sink: z.string(), ok: z.boolean(), problem: z.string().nullable(), took_ms: z.int() }),
);
