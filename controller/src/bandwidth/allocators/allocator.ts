// Pure: what an allocator is. A fourth one is a value of this type in the registry that createBandwidth is given.

/** One remote stream that may be capped. */
export type Claim = {
  /** `server/user`; a user with two streams has two claims under one name and carries the share of one stream. */
  readonly viewer: string;
  readonly demandBps: number;
  /** Weight of the viewer's class; 1 is a regular viewer. */
  readonly weight: number;
  readonly minBps: number;
  readonly maxBps: number;
};

/** Rates per stream by viewer, before min and max are applied. Pure; gets at least one claim. */
export type Allocator = (availableBps: number, claims: readonly Claim[]) => ReadonlyMap<string, number>;

export type Allocators = Readonly<Record<string, Allocator>>;
