// Carries out the steps of a registration at one server, and tells which ids stand afterwards.
import { ControllerError } from '../../errors.ts';
import type { RegistrationPlan, Remembered, Standing } from './plan-registration.ts';
import type { WarmServer } from './pre-warm.ts';

export type GuideTask = {
  readonly state: 'idle' | 'running' | 'cancelling';
  readonly lastEndMs: number | null;
  readonly lastStatus: string | null;
};

/** A Jellyfin, as its Live TV is worked with. All throw ControllerError. */
export type RegistrationServer = WarmServer & {
  registered(signal: AbortSignal): Promise<Standing>;
  /** @returns the id that stands */
  saveTuner(
    order: { readonly id: string | null; readonly url: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<string>;
  removeTuner(id: string, signal: AbortSignal): Promise<void>;
  saveProvider(
    order: { readonly id: string | null; readonly url: string; readonly tuners: readonly string[] },
    signal: AbortSignal,
  ): Promise<string>;
  removeProvider(id: string, signal: AbortSignal): Promise<void>;
  guideTask(signal: AbortSignal): Promise<GuideTask>;
  refreshGuide(signal: AbortSignal): Promise<void>;
  /** Of a channel. */
  removeImage(channelId: string, signal: AbortSignal): Promise<void>;
};

/** What people see in Jellyfin's dashboard. */
const TUNER_NAME = 'Headgate';

export type CarriedOut = Remembered & { readonly savedTuner: boolean; readonly savedGuide: boolean };

/** The server fetches the playlist before it answers, and says 500 to whatever went wrong there. The path holds a token: only the origin is told. */
const withHint =
  (url: string) =>
  (error: unknown): never => {
    if (!(error instanceof ControllerError) || error.code !== 'upstream_failed') throw error;
    const text = `${error.message}; it fetches our playlist first: can it reach ${new URL(url).origin} (http.public_url or channels.base_url)?`;
    throw new ControllerError('upstream_failed', text, { cause: error });
  };

/** In order, ending with the first that fails: what was done stands, and the next look goes on from there. @throws ControllerError */
export const carryOut = async (server: RegistrationServer, plan: RegistrationPlan, signal: AbortSignal): Promise<CarriedOut> => {
  let { tunerHostId, listingProviderId } = plan.keeps;
  for (const step of plan.steps) {
    signal.throwIfAborted();
    if (step.do === 'save-tuner')
      tunerHostId = await server.saveTuner({ id: step.id, url: step.url, name: TUNER_NAME }, signal).catch(withHint(step.url));
    else if (step.do === 'remove-tuner') await server.removeTuner(step.id, signal);
    else if (step.do === 'remove-provider') await server.removeProvider(step.id, signal);
    else {
      const tuner = step.tuner ?? tunerHostId;
      listingProviderId = await server.saveProvider(
        { id: step.id, url: step.url, tuners: tuner === null ? [] : [tuner] },
        signal,
      );
    }
  }
  const did = (what: string) => plan.steps.some((step) => step.do === what);
  return { tunerHostId, listingProviderId, savedTuner: did('save-tuner'), savedGuide: did('save-provider') };
};
