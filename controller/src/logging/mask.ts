// Pure: takes secrets out of text. The second net: the first is never to put one into a log.

const MASK = '***';
/** Shorter ones would tear holes into ordinary words. */
const SHORTEST = 4;

/** What looks like a secret wherever it stands: `Token="…"`, `api_key=…`, `Bearer …`, a password in a URL, `/live/…`. The first group stays. */
const PATTERNS: readonly RegExp[] = [
  /(\bToken=")[^"]*/gi,
  /(\b(?:api[_-]?key|access[_-]?token|x-plex-token|token|password|passwd|secret|sid)["']?\s*[=:]\s*["']?)[^\s"'&;,}]+/gi,
  /(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}/g,
  /(:\/\/[^/\s:@]*:)[^@\s/]+(?=@)/g,
  // Addresses of Live TV consumers hold their right: channels/capabilities/stream-token.ts.
  /(\/live\/)[A-Za-z0-9_-]{44}(?![A-Za-z0-9_-])/g,
];

const SECRET_KEY = /(?:password|passwd|secret|api[_-]?key|token|authorization|cookie|private[_-]?key)$/i;

/** Whether a field of this name holds a secret whatever it looks like. */
export const isSecretKey = (key: string): boolean => SECRET_KEY.test(key);

/** A function that masks the given secrets, also URL-encoded and JSON-escaped, and everything that looks like one. */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(
    secrets
      .filter((secret) => secret.length >= SHORTEST)
      .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
  );
  // Longest first: a secret that contains another must not leave its rest standing.
  const known = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, MASK);
    for (const pattern of PATTERNS) clean = clean.replace(pattern, `$1${MASK}`);
    return clean;
  };
}
