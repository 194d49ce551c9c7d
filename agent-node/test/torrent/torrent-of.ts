// A torrent over some bytes, with whatever a stranger puts in: names, trackers, sums that are not its own.
import { createHash } from 'node:crypto';
import { type Encodable, encodeBencode } from '@headgate/protocol/bencode';

type More = { readonly [key: string]: Encodable };
export const PIECE = 65_536;
const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest();

/** @param info over what belongs to the bytes. @param rest beside `info`: what an info hash says nothing about. */
export function torrentOf(content: Buffer, info: More, rest: More = {}) {
  const pieces = Array.from({ length: Math.ceil(content.length / PIECE) }, (_, at) =>
    sha1(content.subarray(at * PIECE, (at + 1) * PIECE)),
  );
  const whole = { 'piece length': PIECE, pieces: Buffer.concat(pieces), ...info };
  return { infoHash: sha1(encodeBencode(whole)).toString('hex'), torrent: encodeBencode({ ...rest, info: whole }) };
}
