// What came in and what went out, without the token, and how often the token stood in an address.

export type ServedRequest = {
  readonly method: string;
  readonly path: string;
  /** Without X-Plex-Token. */
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names; the token's value is replaced. */
  readonly headers: Readonly<Record<string, string>>;
  /** 0: no answer. 101: a socket. */
  readonly status: number;
  /** UTC ms. */
  readonly at: number;
};

export type RequestLog = {
  record(request: Omit<ServedRequest, 'at' | 'headers'> & { readonly headers: NodeJS.Dict<string | string[]> }): void;
  requests(): readonly ServedRequest[];
  countSecretInUrl(): void;
  secretsInUrls(): number;
};

const keptRequests = 10_000;

export function createRequestLog(): RequestLog {
  const served: ServedRequest[] = [];
  let secrets = 0;
  return {
    record({ method, path, query, headers, status }) {
      const shown = Object.entries(headers).map(([name, value]) => [
        name,
        name === 'x-plex-token' ? '(secret)' : Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]);
      served.push({ method, path, query, headers: Object.fromEntries(shown), status, at: Date.now() });
      if (served.length > keptRequests) served.shift();
    },
    requests: () => [...served],
    countSecretInUrl() {
      secrets += 1;
    },
    secretsInUrls: () => secrets,
  };
}
