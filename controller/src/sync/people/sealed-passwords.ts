// Passwords of users whom we made: random, and kept closed until an administrator has fetched them, once.
import { createCipheriv, createDecipheriv, randomBytes, randomInt } from 'node:crypto';
import { ControllerError } from '../../errors.ts';

export type SealedPasswords = {
  /** 16 characters that nobody confuses: 93 bits. */
  make(): string;
  /** @param whose so that no row opens another's */
  seal(password: string, whose: string): string;
  /** @throws ControllerError storage_failed where the key is another than it was closed with */
  open(sealed: string, whose: string): string;
};

const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 16;
const [NONCE_BYTES, TAG_BYTES] = [12, 16];

/** @param key 32 bytes */
export function createSealedPasswords(key: Uint8Array): SealedPasswords {
  return {
    make: () => Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join(''),
    seal(password, whose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(whose));
      const closed = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64url');
    },
    open(sealed, whose) {
      const bytes = Buffer.from(sealed, 'base64url');
      const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)];
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(whose));
        decipher.setAuthTag(tag);
        return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new ControllerError('storage_failed', 'this password was kept with another key; set a new one on the server', {
          cause,
        });
      }
    },
  };
}
