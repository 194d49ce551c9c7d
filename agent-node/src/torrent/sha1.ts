// SHA-1 as BitTorrent v1 has it. It proves nothing against an attacker: sha256 of the whole file does.
import { hash } from 'node:crypto';

export const sha1 = (bytes: Uint8Array): Buffer => hash('sha1', bytes, 'buffer');
