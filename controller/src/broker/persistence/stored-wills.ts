// Last wills of connected clients, so that those of a broker that was killed are still published after the next start.
import { z } from 'zod';
import type { DurableCopy } from './durable-copy.ts';
import { readRow } from './stored-packet.ts';

/** aedes adds `brokerId` and `clientId`; the rest is the will of the CONNECT packet. */
export type Will = {
  topic: string;
  payload: Buffer | string;
  qos?: number;
  retain?: boolean;
  brokerId?: string;
  clientId?: string;
};

export type StoredWills = {
  restore(): Promise<void>;
  put(clientId: string, will: Will): void;
  get(clientId: string): Will | undefined;
  remove(clientId: string): Will | undefined;
  /** Wills of clients whose broker is none of these. */
  ofOthers(brokerIds: Readonly<Record<string, unknown>>): readonly Will[];
};

const storedWill = z.object({
  topic: z.string(),
  payload: z.string().transform((base64) => Buffer.from(base64, 'base64')),
  qos: z.literal([0, 1, 2]),
  retain: z.boolean(),
  brokerId: z.string(),
});

export function createStoredWills(copy: DurableCopy): StoredWills {
  const wills = new Map<string, Will>();
  return {
    async restore() {
      for (const [clientId, text] of await copy.load('will')) {
        const will = readRow(storedWill, text);
        if (will !== undefined) wills.set(clientId, { ...will, clientId });
      }
    },
    put(clientId, will) {
      wills.set(clientId, will);
      const { topic, payload, qos = 0, retain = false, brokerId } = will;
      const text = () =>
        JSON.stringify({ topic, payload: Buffer.from(payload as Buffer).toString('base64'), qos, retain, brokerId });
      copy.put('will', clientId, text, 0);
    },
    get: (clientId) => wills.get(clientId),
    remove(clientId) {
      const will = wills.get(clientId);
      if (wills.delete(clientId)) copy.put('will', clientId, null, 0);
      return will;
    },
    ofOthers: (brokerIds) => [...wills.values()].filter(({ brokerId = '' }) => !Object.hasOwn(brokerIds, brokerId)),
  };
}
