// Manifests as they are served: text, gzip and ETag of each version made once, so that a request costs no more than handing them out.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Group, GroupStore, Turn } from './group-store.ts';
import type { Signer } from './sign-manifest.ts';

/** One version, ready to be sent. */
export type Sealed = {
  readonly version: number;
  /** With its quotes. Another encoding is another representation, hence two (RFC 9110, 8.8.3.3). */
  readonly etag: string;
  readonly gzipEtag: string;
  readonly plain: Uint8Array;
  readonly gzip: Uint8Array;
};

export type Manifests = {
  all(): readonly Group[];
  get(name: string): Group | null;
  sealed(name: string): Sealed | null;
  /** As `GroupStore.change`; served when it resolves. */
  change(name: string, turn: Turn): Promise<Group | null>;
  remove(name: string): Promise<boolean>;
};

const squeeze = promisify(gzip);

/** @param onVersion told of each new version, and of a group that went (null) */
export async function openManifests(
  store: GroupStore,
  signer: Signer,
  onVersion: (name: string, group: Group | null) => void,
): Promise<Manifests> {
  const ready = new Map<string, Sealed>();
  const seal = async (group: Group): Promise<void> => {
    const sealed = await sealedOf(group, signer);
    // Two changes may be under way here at once; the later one stays.
    if ((ready.get(group.name)?.version ?? 0) < group.version && store.get(group.name) !== null) ready.set(group.name, sealed);
  };
  for (const group of store.all()) await seal(group);
  return {
    all: store.all,
    get: store.get,
    sealed: (name) => ready.get(name) ?? null,
    async change(name, turn) {
      const before = store.get(name);
      const group = await store.change(name, turn);
      if (group === null || group === before) return group;
      await seal(group);
      onVersion(name, group);
      return group;
    },
    async remove(name) {
      if (!(await store.remove(name))) return false;
      ready.delete(name);
      onVersion(name, null);
      return true;
    },
  };
}

async function sealedOf(group: Group, signer: Signer): Promise<Sealed> {
  const manifest = signer.sign(group);
  const plain = Buffer.from(JSON.stringify(manifest));
  // A part of the signature: a database that began anew has the same numbers for other lists.
  const tag = `${group.version}-${manifest.signature?.value.slice(0, 8).replace(/[^A-Za-z0-9]/g, '_')}`;
  return { version: group.version, etag: `"${tag}"`, gzipEtag: `"${tag}-gz"`, plain, gzip: await squeeze(plain) };
}
