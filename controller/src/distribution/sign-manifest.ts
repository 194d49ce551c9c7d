// Signs manifests: ed25519 by a key of this home, so that a node takes no list from anybody else.
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { type GroupManifest, signedText } from '@headgate/protocol';
import type { Group } from './group-store.ts';

export type Signer = {
  /** The raw public key in base64: what nodes pin. */
  readonly key: string;
  sign(group: Group): GroupManifest;
};

/** PKCS #8 of an ed25519 key up to its 32 bytes (RFC 8410, 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const RAW_KEY_BYTES = 32;

/** @param seed the 32 secret bytes */
export function createSigner(seed: Uint8Array): Signer {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  const key = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-RAW_KEY_BYTES).toString('base64');
  return {
    key,
    sign({ name, version, issuedAt, items }) {
      const document = { group: name, version, issued_at: new Date(issuedAt).toISOString(), items: [...items] };
      const value = sign(null, Buffer.from(signedText(document)), secret).toString('base64');
      return { ...document, signature: { algorithm: 'ed25519', key, value } };
    },
  };
}
