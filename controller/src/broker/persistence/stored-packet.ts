// MQTT packets as the broker keeps them, in memory and as JSON text in the database.
import { z } from 'zod';

/** An application message. Field names are aedes' own (aedes-packet). */
export type StoredMessage = {
  cmd: 'publish';
  topic: string;
  payload: Buffer | string;
  qos: 0 | 1 | 2;
  retain: boolean;
  dup: boolean;
  messageId?: number | undefined;
  brokerId?: string | undefined;
  brokerCounter?: number | undefined;
};

/** Second half of QoS 2: the message was received, its release was not yet acknowledged. */
export type StoredRelease = { cmd: 'pubrel'; messageId: number };

export type StoredPacket = StoredMessage | StoredRelease;

/** What aedes hands over; more fields than these may be there. */
export type IncomingPacket = Omit<Partial<StoredMessage>, 'cmd'> & { readonly cmd?: string };

/** A copy of its own. The payload is copied too: it may be a window into a network chunk of 64 KiB, which it would keep alive. */
export function messageOf(packet: IncomingPacket): StoredMessage {
  const { payload = Buffer.alloc(0), qos = 0 } = packet;
  return {
    cmd: 'publish',
    brokerId: packet.brokerId,
    brokerCounter: packet.brokerCounter ?? 0,
    topic: packet.topic ?? '',
    payload: typeof payload === 'string' ? payload : Buffer.from(payload),
    qos,
    retain: packet.retain ?? false,
    dup: packet.dup ?? false,
    ...(qos > 0 && { messageId: undefined }),
  };
}

/** Bytes that a packet costs in memory, about. */
export const weightOf = (packet: StoredPacket): number =>
  packet.cmd === 'pubrel' ? 100 : 200 + packet.topic.length * 2 + packet.payload.length;

const messageId = z.number().int().min(0).max(65_535);
const message = z.object({
  cmd: z.literal('publish'),
  topic: z.string(),
  payload: z.string().transform((base64) => Buffer.from(base64, 'base64')),
  qos: z.literal([0, 1, 2]),
  retain: z.boolean(),
  dup: z.boolean().default(false),
  messageId: messageId.optional(),
  brokerId: z.string().optional(),
  brokerCounter: z.number().int().optional(),
});
const release = z.object({ cmd: z.literal('pubrel'), messageId });

/** As `readPacket` and `readMessage` read it back. */
export function writePacket(packet: StoredPacket): unknown {
  if (packet.cmd === 'pubrel') return { cmd: packet.cmd, messageId: packet.messageId };
  const { cmd, topic, payload, qos, retain, dup, brokerId, brokerCounter } = packet;
  const base64 = Buffer.from(payload as Buffer).toString('base64');
  return { cmd, topic, payload: base64, qos, retain, dup, brokerId, brokerCounter, messageId: packet.messageId };
}

/** A row's JSON text as its schema reads it; undefined where it is not that. One bad row must not keep the broker from starting. */
export function readRow<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const storedMessage = message;
export const storedPacket = z.discriminatedUnion('cmd', [message, release]);
