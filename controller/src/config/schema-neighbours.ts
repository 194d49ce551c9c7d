// What the sections of all neighbours share: where one is, how its certificate is trusted, and which keys belong to which product.
import { z } from 'zod';
import { fingerprint, url } from './addresses.ts';
import { pemFile, type SchemaDeps, type Tell, unique } from './schema-tools.ts';
import { flag, plainName } from './values.ts';

export const placeKeys = () => ({
  name: plainName().describe('What it is called here; part of viewer names.'),
  url: url('http', 'https').describe('Where it is, with its base path if it has one.'),
});

export const tlsKeys = (deps: SchemaDeps) => ({
  certificate_sha256: fingerprint()
    .describe('Pins the certificate, for a self-signed one: nothing else about it is checked.')
    .optional(),
  ca_file: pemFile(deps).describe('Certificate authority that signed it, PEM.'),
  verify_tls: flag().describe('false takes any certificate: anyone in between can then read the key.').prefault(true),
});

type TlsInput = { certificate_sha256?: string | undefined; ca_file?: string | undefined; verify_tls: boolean };

export const tlsOf = (section: TlsInput) => ({
  certificateSha256: section.certificate_sha256 ?? null,
  ca: section.ca_file ?? null,
  verify: section.verify_tls,
});

type Loose = Readonly<Record<string, unknown>>;

/** Whether a secret is given, in place or as a file. */
export const isGiven = (section: Loose, name: string): boolean =>
  section[name] !== undefined || section[`${name}_file`] !== undefined;

/** By product, the keys that it has no use for, and why. A secret's `_file` goes with it. */
export type Useless = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Tells each key that is given and of no use: one that is silently ignored passes for one that works. */
export function refuseUseless(section: Loose, useless: Useless, tell: Tell): void {
  const { type } = section;
  const reasons = typeof type === 'string' && Object.hasOwn(useless, type) ? (useless[type] ?? {}) : {};
  for (const [key, reason] of Object.entries(reasons))
    for (const given of [key, `${key}_file`]) if (section[given] !== undefined) tell(given, reason);
}

/** A list of named neighbours, none of which may share its name with another, nor be another. */
export const named = <Item extends z.ZodType>(item: Item) =>
  z.array(item).superRefine(
    (list, context) => {
      const tell = (key: string) => (index: number, message: string) =>
        context.addIssue({ code: 'custom', path: [index, key], message });
      unique(list, tell('name'));
      apart(list, tell('url'));
    },
    { when: () => true },
  );

/** Tells each that is an earlier one by another name: what one sets, the other would take for the wish of its user. */
function apart(list: unknown, tell: (index: number, sentence: string) => void): void {
  const seen = new Map<string, unknown>();
  for (const [index, one] of (Array.isArray(list) ? list : []).entries()) {
    const { name, type, url } = (one ?? {}) as Loose;
    if (typeof type !== 'string' || typeof url !== 'string' || !URL.canParse(url)) continue;
    const place = `${type} ${new URL(url).href}`;
    if (seen.has(place))
      tell(index, `is that of "${seen.get(place)}" already: two entries for one program would undo each other's limits`);
    else seen.set(place, name);
  }
}
