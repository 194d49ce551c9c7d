// How a running stream keeps to the limit that its server applies to it.

/**
 * `free` no limit · `unknown` its rate or its limit is not known · `obeyed` · `pending` the limit came after it began, and holds from its next
 * negotiation on · `asked` · `ignored` it began under the limit, or was asked, and takes more all the same.
 */
export type CapState = 'free' | 'unknown' | 'obeyed' | 'pending' | 'asked' | 'ignored';
