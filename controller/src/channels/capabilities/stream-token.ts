// A URL token: the consumer's id and a seal over it. Made again at any time from the key, so that addresses never change.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 9 bytes as 12 and 24 bytes as 32 characters: nothing that a URL must escape. */
const ID = 12;
const TOKEN = /^[A-Za-z0-9_-]{44}$/;

export const newTokenId = (): string => randomBytes(9).toString('base64url');

export const sealToken = (key: Uint8Array, id: string): string => id + seal(key, id).toString('base64url');

/** What may be the id; null for what is no token at all. */
export const tokenId = (token: string): string | null => (TOKEN.test(token) ? token.slice(0, ID) : null);

/** Both of a token's length. */
export const isSameToken = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** The id where the seal is right; null for all else, in the same time. */
export function openToken(key: Uint8Array, token: string): string | null {
  if (!TOKEN.test(token)) return null;
  const id = token.slice(0, ID);
  return timingSafeEqual(seal(key, id), Buffer.from(token.slice(ID), 'base64url')) ? id : null;
}

/** 192 bits of an HMAC are beyond guessing. */
const seal = (key: Uint8Array, id: string): Buffer =>
  createHmac('sha256', key).update(`headgate stream token ${id}`).digest().subarray(0, 24);
