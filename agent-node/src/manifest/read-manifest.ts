// Pure: the text of a manifest to its items. One bad item does not take the others with it; what is wrong with it is said.
import { DecodeError, groupManifest, type ManifestItem, manifestItem, nameKey } from '@headgate/protocol';
import * as z from 'zod/mini';
import { AgentError } from '../errors.ts';

export type ReadManifest = {
  readonly group: string;
  /** Null in the seed's form, which has none. */
  readonly version: number | null;
  readonly items: readonly ManifestItem[];
  /** A sentence for each item that cannot be taken. */
  readonly refused: readonly string[];
  /** As it was sent, for its signature. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly signature: { readonly key: string; readonly value: string } | null;
};

const MOST_ITEMS = 2_000;
const { group, version, issued_at, signature } = groupManifest.shape;
const envelope = z.object({
  group: z.optional(group),
  version,
  issued_at,
  signature,
  items: z.array(z.unknown()).check(z.maxLength(MOST_ITEMS)),
});

/**
 * @param asked the group that was asked for; null where the manifest may say any
 * @throws AgentError `bad_answer` naming the key
 */
export function readManifest(text: string, asked: string | null): ReadManifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new AgentError('bad_answer', 'the manifest is not JSON', { cause });
  }
  const read = z.safeParse(envelope, document);
  if (!read.success) throw new AgentError('bad_answer', `the manifest's ${problemOf(read.error)}`);
  const name = read.data.group ?? asked;
  if (name === null) throw new AgentError('bad_answer', "the manifest's group: is missing");
  if (asked !== null && name !== asked) throw new AgentError('bad_answer', `this is the manifest of ${name}, not of ${asked}`);
  return {
    group: name,
    version: read.data.version ?? null,
    ...itemsOf(read.data.items),
    document: document as Readonly<Record<string, unknown>>,
    signature: read.data.signature ?? null,
  };
}

function itemsOf(given: readonly unknown[]): { items: readonly ManifestItem[]; refused: readonly string[] } {
  const items: ManifestItem[] = [];
  const refused: string[] = [];
  const taken = new Set<string>();
  for (const [index, one] of given.entries()) {
    const read = z.safeParse(manifestItem, one);
    if (!read.success) {
      refused.push(`items.${index}.${problemOf(read.error)}`);
      continue;
    }
    const wanted = (read.data.files ?? [{ path: '' }]).map(({ path }) => nameKey(`${read.data.path}/${path}`));
    if (wanted.some((path) => liesWithin(taken, path))) {
      refused.push(`items.${index}.path: another item lies there`);
      continue;
    }
    for (const path of wanted) taken.add(path.replace(/\/$/, ''));
    items.push(read.data);
  }
  return { items, refused };
}

/** Whether a path, or a folder above it, is an item already. */
function liesWithin(taken: ReadonlySet<string>, path: string): boolean {
  const names = path.replace(/\/$/, '').split('/');
  return names.some((_, index) => taken.has(names.slice(0, index + 1).join('/')));
}

function problemOf(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  const { message } = new DecodeError('', issue?.path.map(String).join('.') ?? '', issue?.message ?? 'is wrong');
  return message.replace(/^: /, '');
}
