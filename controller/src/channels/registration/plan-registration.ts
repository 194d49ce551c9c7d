// What to do at a media server so that exactly one tuner and one guide of ours stand there, and whatever is not ours stays as it is. Pure.

export type StandingTuner = { readonly id: string; readonly type: string; readonly url: string; readonly tunerCount: number };
export type StandingProvider = {
  readonly id: string;
  readonly type: string;
  readonly path: string;
  readonly allTuners: boolean;
  readonly tuners: readonly string[];
};
export type Standing = { readonly tuners: readonly StandingTuner[]; readonly providers: readonly StandingProvider[] };

export type Addresses = { readonly playlistUrl: string; readonly guideUrl: string };

/** Ids that the server gave us. */
export type Remembered = { readonly tunerHostId: string | null; readonly listingProviderId: string | null };

/** In this order. `tuner: null` means the one of the step before. */
export type RegistrationStep =
  | { readonly do: 'save-tuner'; readonly id: string | null; readonly url: string }
  | { readonly do: 'save-provider'; readonly id: string | null; readonly url: string; readonly tuner: string | null }
  | { readonly do: 'remove-tuner'; readonly id: string }
  | { readonly do: 'remove-provider'; readonly id: string };

export type RegistrationPlan = {
  readonly steps: readonly RegistrationStep[];
  /** Of what stands already and stays; null where a step makes it, or where nothing is to stand. */
  readonly keeps: Remembered;
};

export type Situation = {
  readonly standing: Standing;
  /** Null: nothing of ours is to stand. */
  readonly wanted: Addresses | null;
  readonly remembered: Remembered;
  /** Whether an address is one of ours, by its path and token; its host may be an old one. */
  readonly isOurs: (url: string) => boolean;
  /** The server's copy of the guide is too fresh to be fetched again: only a provider with a new id makes it look. */
  readonly renewGuide: boolean;
};

/** The best of several of ours is kept: that with the right address, else that which we remember, else the oldest. */
const choose = <One extends { readonly id: string }>(
  ours: readonly One[],
  isRight: (one: One) => boolean,
  remembered: string | null,
) => ours.find(isRight) ?? ours.find(({ id }) => id === remembered) ?? ours[0];

const sameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((value, index) => value === other[index]);

type Kept = { readonly steps: readonly RegistrationStep[]; readonly kept: string | null };

/** Two posts of one tuner make two tuners there, so what stands is changed by its id. */
const planTuner = ({ remembered }: Situation, ours: readonly StandingTuner[], url: string): Kept => {
  const isRight = (one: StandingTuner) => one.url === url;
  const main = choose(ours, isRight, remembered.tunerHostId);
  if (main === undefined) return { steps: [{ do: 'save-tuner', id: null, url }], kept: null };
  const right = isRight(main) && main.tunerCount === 0;
  return { steps: right ? [] : [{ do: 'save-tuner', id: main.id, url }], kept: main.id };
};

const planProvider = (situation: Situation, ours: readonly StandingProvider[], url: string, tuner: string | null): Kept => {
  const isRight = (one: StandingProvider) => one.path === url;
  const main = choose(ours, isRight, situation.remembered.listingProviderId);
  const fresh: RegistrationStep = { do: 'save-provider', id: null, url, tuner };
  // Up to 10.11 the copy of another address stays for an hour under the same id.
  if (main === undefined || !isRight(main) || situation.renewGuide) return { steps: [fresh], kept: null };
  const wired = !main.allTuners && tuner !== null && sameList(main.tuners, [tuner]);
  return { steps: wired ? [] : [{ do: 'save-provider', id: main.id, url, tuner }], kept: main.id };
};

/** Nothing to do is an empty list: asked twice, the second time changes nothing. */
export const planRegistration = (situation: Situation): RegistrationPlan => {
  const { standing, wanted, isOurs } = situation;
  const tuners = standing.tuners.filter(({ type, url }) => type.toLowerCase() === 'm3u' && isOurs(url));
  const providers = standing.providers.filter(({ type, path }) => type.toLowerCase() === 'xmltv' && isOurs(path));
  const tuner: Kept = wanted === null ? { steps: [], kept: null } : planTuner(situation, tuners, wanted.playlistUrl);
  const provider: Kept =
    wanted === null ? { steps: [], kept: null } : planProvider(situation, providers, wanted.guideUrl, tuner.kept);
  // Last: while a new guide is not there yet, the old one still shows what is on.
  const removals: RegistrationStep[] = [
    ...providers.filter(({ id }) => id !== provider.kept).map(({ id }): RegistrationStep => ({ do: 'remove-provider', id })),
    ...tuners.filter(({ id }) => id !== tuner.kept).map(({ id }): RegistrationStep => ({ do: 'remove-tuner', id })),
  ];
  return {
    steps: [...tuner.steps, ...provider.steps, ...removals],
    keeps: { tunerHostId: tuner.kept, listingProviderId: provider.kept },
  };
};

/** Whether a guide that was saved or refreshed then may be stale for a manual refresh: the server keeps its copy for an hour. */
export const isGuideFresh = (fetchedMs: number | null, nowMs: number): boolean =>
  fetchedMs !== null && nowMs - fetchedMs < 65 * 60_000;
