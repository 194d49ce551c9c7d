// The numbers of a decision as a short text: thousands of them are kept, in memory too.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DecisionNumbers } from './decision-numbers.ts';

/**
 * What such a text is made of, the most usual last (RFC 1951 looks back from the end). Part of what `z1:` means: a change of it makes all that is kept
 * unreadable, so a better one is `z2:`.
 */
const WORDS = Buffer.from(
  '"mode":"unknown","mode":"off","mode":"safe","algorithm":"equal","algorithm":"priority","apply":"active","reservation","transcode","height","default",' +
    '"why":"kept","why":"minimum","why":"exempt","why":"free","why":"boost","risesAt":18,"risesTo":null,"boost":{"bps":null,"until":"eligible":false,' +
    '"ceiling":,"ceilingFrom":"user","class":"premium","min":,"max":,"fixed":,"idle":,"capacityFrom":"operator","budget":null,"first":true,"dryRun":true,' +
    '{"mode":"idle","first":false,"settings":{"rule":null,"dryRun":false,"algorithm":"demand","apply":"standing","min":2000000,"max":50000000,"step":500000,' +
    '"class":"regular","restoreAfterMs":60000,"reserve":{"percent":10}},"capacityFrom":"router","budget":{"capacity":40000000,"reserve":4000000,"other":,' +
    '"floor":500000,"viewers":,"newStream":,"torrents":},"otherKnown":true,"silentMs":1000,"running":0,"unbound":0,"shortBy":0,"streams":[["main/,8000000,' +
    '"source",8000000,1,1,2000000,50000000]],"moreStreams":0,"boosts":[],"viewers":{"main/":{"cap":,"why":"share","ceiling":20000000,"ceilingFrom":"server",' +
    '"held":{"wanted":,"inForce":,"risesAt":,"risesTo":},"bound":1}},"moreViewers":0,"standing":{"cap":,"why":"standing","held":{"wanted":null,"inForce":null}},' +
    '"clients":{"share":"activity","up":{"total":{"wanted":null,"inForce":null},"clients":[{"client":"qbit","cap":null,"weight":1,"busy":true,"used":0,' +
    '"ceiling":}]},"down":{"total":{"wanted":null,"inForce":null},"clients":[{"client":"","cap":null,"weight":1,"busy":true,"used":0}]},"paused":[],"pauseBelow":null}}',
);
const MARK = 'z1:';
/** What is unpacked is at most this long: it comes from a file that somebody may have written. */
const MOST_BYTES = 1_000_000;

export const packNumbers = (numbers: DecisionNumbers): string =>
  MARK + deflateRawSync(JSON.stringify(numbers), { dictionary: WORDS, level: 9 }).toString('base64');

/** Null for what is no such text. What it says is still to be checked. */
export function unpackNumbers(packed: unknown): unknown {
  if (typeof packed !== 'string' || !packed.startsWith(MARK)) return null;
  try {
    const bytes = Buffer.from(packed.slice(MARK.length), 'base64');
    return JSON.parse(inflateRawSync(bytes, { dictionary: WORDS, maxOutputLength: MOST_BYTES }).toString('utf8'));
  } catch {
    return null;
  }
}
