// Whatever cookie was set is sent back: names differ by product, version and, behind a mapped container port, by installation. Pure but for its own map.

/** A proxy before the product may set some of its own; nobody honest sets more than this. */
const mostCookies = 16;
const longestCookie = 4096;

export type SessionCookies = {
  /** Takes the `set-cookie` header of an answer. */
  take(header: string | readonly string[] | undefined): void;
  /** The `cookie` header; null while there is none. */
  header(): string | null;
};

export const createSessionCookies = (): SessionCookies => {
  const kept = new Map<string, string>();
  const takeOne = (line: string): void => {
    const pair = line.split(';', 1)[0] ?? '';
    const equals = pair.indexOf('=');
    if (equals < 1 || pair.length > longestCookie) return;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim(); // base64 may hold "=" itself
    if (value === '') kept.delete(name);
    else if (kept.has(name) || kept.size < mostCookies) kept.set(name, value);
  };
  return {
    take: (header) => {
      for (const line of typeof header === 'string' ? [header] : (header ?? [])) takeOne(line);
    },
    header: () => (kept.size === 0 ? null : [...kept].map(([name, value]) => `${name}=${value}`).join('; ')),
  };
};
