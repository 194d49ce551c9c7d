// Whether a manifest is of who it should be: ed25519 over the protocol's signed text, a key that is kept, versions that only grow.
import { createPublicKey, verify } from 'node:crypto';
import { signedText } from '@headgate/protocol';
import { AgentError } from '../errors.ts';
import type { ReadManifest } from './read-manifest.ts';

/** What a node remembers of a group. `key`: the first that was seen, or null while none was. `signature`: of that version. */
export type Trusted = { readonly key: string | null; readonly version: number | null; readonly signature: string | null };
export const unknownGroup: Trusted = { key: null, version: null, signature: null };

/** SubjectPublicKeyInfo of an ed25519 key but for its 32 bytes (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * @param configured the key of the configuration; it stands over what was seen first
 * @returns what is to be remembered from now on
 * @throws AgentError `not_trusted` with a sentence why
 */
export function checkTrust(manifest: ReadManifest, known: Trusted, configured: string | null): Trusted {
  const { signature, version, document } = manifest;
  const wanted = configured ?? known.key;
  if (signature === null) {
    if (wanted !== null) throw new AgentError('not_trusted', 'the manifest is not signed, and we know who should have signed it');
    return { ...known, version };
  }
  if (wanted !== null && signature.key !== wanted)
    throw new AgentError('not_trusted', `the manifest is signed with ${signature.key}, not with ${wanted}`);
  if (!isSignedBy(document, signature)) throw new AgentError('not_trusted', "the manifest's signature is wrong");
  if (version === null) throw new AgentError('not_trusted', 'the manifest is signed, but has no version');
  // Of the same key: an old manifest could bring back what was taken away, also one that a person replays.
  const last = known.key === null || known.key === signature.key ? known.version : null;
  if (last !== null && version < last)
    throw new AgentError('not_trusted', `the manifest is of version ${version}, and we have had ${last}`);
  if (version === last && known.signature !== null && known.signature !== signature.value)
    throw new AgentError('not_trusted', `the manifest is of version ${version}, but not the one that we have had`);
  return { key: signature.key, version, signature: signature.value };
}

function isSignedBy(document: ReadManifest['document'], { key, value }: { key: string; value: string }): boolean {
  try {
    const spki = Buffer.concat([SPKI_PREFIX, Buffer.from(key, 'base64')]);
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(signedText(document)), publicKey, Buffer.from(value, 'base64'));
  } catch {
    // A point that is none.
    return false;
  }
}
