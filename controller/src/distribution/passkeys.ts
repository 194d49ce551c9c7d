// What stands in a tracker's URL instead of a token: it tells who announces, opens this one torrent's list of peers, and nothing else.
import { createHmac, timingSafeEqual } from 'node:crypto';

export type Passkeys = {
  of(node: string, infoHash: string): string;
  isRight(passkey: string, node: string, infoHash: string): boolean;
};

/** @param secret of this home; a key for this alone is made of it */
export function createPasskeys(secret: Uint8Array): Passkeys {
  const key = createHmac('sha256', secret).update('headgate tracker passkeys').digest();
  const of = (node: string, infoHash: string): string =>
    createHmac('sha256', key).update(`${node}\n${infoHash}`).digest('base64url');
  return {
    of,
    isRight(passkey, node, infoHash) {
      const [given, right] = [Buffer.from(passkey), Buffer.from(of(node, infoHash))];
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
