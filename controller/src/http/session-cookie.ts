// Pure: the session cookie, and whether a request that rides on it comes from our own pages.

/** `__Host-` makes browsers refuse a cookie that a neighbour domain or plain http set; it needs Secure. */
const nameOf = (secure: boolean): string => (secure ? '__Host-headgate' : 'headgate');

/** Strict: no other site's link, form or script sends it. */
export function sessionCookie(session: string, maxAgeMs: number, secure: boolean): string {
  const parts = [
    `${nameOf(secure)}=${session}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${Math.floor(maxAgeMs / 1000)}`,
  ];
  return (secure ? [...parts, 'Secure'] : parts).join('; ');
}

/** The session in a Cookie header; null where there is none. */
export function sessionIn(cookie: string | null, secure: boolean): string | null {
  for (const part of (cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === nameOf(secure) && value !== undefined) return value;
  }
  return null;
}

export type Origins = {
  readonly secFetchSite: string | null;
  readonly origin: string | null;
  readonly host: string | null;
  readonly publicUrl: string | null;
};

/**
 * Whether a changing request with a cookie comes from our own page. Browsers send Sec-Fetch-Site only to https and localhost,
 * but Origin with every POST; a request with neither is not a browser's and should use a token.
 */
export function isSameOrigin({ secFetchSite, origin, host, publicUrl }: Origins): boolean {
  if (secFetchSite !== null) return secFetchSite === 'same-origin';
  if (origin === null || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.host === host || (publicUrl !== null && from.origin === new URL(publicUrl).origin);
}
