// Bit/s as we reckon, and number plus switch as Transmission keeps a limit. Pure.

/** How this Transmission counts. */
export type SpeedScale = {
  /** Bytes/s of one unit. */
  readonly unitBytes: number;
  /** The largest number that it keeps as it is. */
  readonly most: number;
};

/** A number of units and whether it counts. 0 with the switch on lets nothing through: it is not "none". */
export type KeptLimit = { readonly enabled: boolean; readonly speed: number };

/** A limit of 0 that is switched on, as bit/s: 0 would mean "none", and no cap of ours is that small. */
export const NOTHING_FLOWS_BPS = 1;

/** Up to 3.00 bytes/s are an unsigned int, and on a 32-bit machine 4.x is no better: 4294968 kB/s stood as 0, where nothing flows (seen). */
const mostAnywhere = (unitBytes: number): number => Math.floor((2 ** 32 - 1) / unitBytes);

/** A 4.0 or later (rpc-version 17) on a 64-bit machine may have told more, and gets it back. */
export const scaleOf = (rpcVersion: number, unitBytes: number): SpeedScale => ({
  unitBytes,
  most: rpcVersion >= 17 ? 1e11 : mostAnywhere(unitBytes),
});

/** Until the daemon has told. */
export const USUAL_SCALE = scaleOf(0, 1_000);

/** A limit that is off is negative and keeps its number: −5,600,000 is "off, 700 kB/s". Off with 0 is 0. */
export const fromKept = ({ enabled, speed }: KeptLimit, { unitBytes }: SpeedScale): number => {
  const bps = speed * unitBytes * 8;
  if (!enabled) return 0 - bps; // −0 would be no 0 to a strict comparison
  return speed === 0 ? NOTHING_FLOWS_BPS : bps;
};

/** What to write for a value: exactly what was read for one that was read, and at least one unit for any other rate above 0. */
export const toKept = (bps: number, scale: SpeedScale): KeptLimit => {
  const units = Math.min(scale.most, Math.floor(Math.abs(bps) / 8 / scale.unitBytes));
  if (bps <= 0) return { enabled: false, speed: units };
  return { enabled: true, speed: bps === NOTHING_FLOWS_BPS ? 0 : Math.max(1, units) };
};

/** A cap as Transmission will give it back; never "nothing flows", nor more than any of them can hold. */
export const roundedBps = (bps: number, scale: SpeedScale): number => {
  if (bps === NOTHING_FLOWS_BPS) return roundedBps(NOTHING_FLOWS_BPS + 1, scale);
  return fromKept(toKept(bps, { ...scale, most: mostAnywhere(scale.unitBytes) }), scale);
};
