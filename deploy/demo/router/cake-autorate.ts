// cake-autorate as a function of time: the upload rate that it would have tc set, by the line's load and delay. Pure: the caller says how late it is.

export type AutorateOptions = {
  /** kbit/s, as in its config.primary.sh. */
  readonly minKbit: number;
  readonly baseKbit: number;
  readonly maxKbit: number;
  /** What the line really carries now: above it the delay rises. */
  readonly lineKbit: number;
};

export type Autorate = {
  /** Steps up to this moment; answers with the rate that is to be set, or undefined where it would set none. */
  advance(nowS: number, offeredKbit: number): number | undefined;
};

/** Of its defaults.sh at 3.5: one look at the load each 200 ms, up by 4 % under load, back to base by 1 %, down by a quarter at most. */
const STEP_S = 0.2;
const [UP, DECAY, DOWN] = [1.04, 0.01, 0.75];
const HIGH_LOAD = 0.75;
const [REFRACTORY_DOWN_S, REFRACTORY_DECAY_S] = [0.3, 1];
/** A clock that jumped is not caught up with step by step. */
const MOST_STEPS = 600;

export function createAutorate(options: AutorateOptions, startS: number): Autorate {
  const { minKbit, baseKbit, maxKbit, lineKbit } = options;
  let rate = baseKbit;
  let said: number | undefined;
  let atS = startS;
  let quietUntilS = startS;
  const step = (offeredKbit: number): void => {
    const sent = Math.min(offeredKbit, rate);
    if (atS < quietUntilS) return;
    if (sent > lineKbit) {
      rate *= Math.max(DOWN, lineKbit / sent - 0.05);
      quietUntilS = atS + REFRACTORY_DOWN_S;
    } else if (sent >= rate * HIGH_LOAD) rate *= UP;
    else if (Math.round(rate) !== baseKbit) {
      rate = rate > baseKbit ? Math.max(baseKbit, rate * (1 - DECAY)) : Math.min(baseKbit, rate * (1 + DECAY));
      quietUntilS = atS + REFRACTORY_DECAY_S;
    }
    rate = Math.min(maxKbit, Math.max(minKbit, rate));
  };
  return {
    advance(nowS, offeredKbit) {
      if (nowS - atS > STEP_S * MOST_STEPS) atS = nowS - STEP_S * MOST_STEPS;
      for (; atS + STEP_S <= nowS; atS += STEP_S) step(offeredKbit);
      const now = Math.round(rate);
      // It sets a rate only when its own mind changed: what somebody else wrote meanwhile is not seen.
      if (now === said) return undefined;
      said = now;
      return now;
    },
  };
}
