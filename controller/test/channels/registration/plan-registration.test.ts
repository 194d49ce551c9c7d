// What is done at a media server, as a table of what stands there.
import t from 'tap';
import {
  isGuideFresh,
  planRegistration,
  type RegistrationStep,
  type Situation,
  type StandingProvider,
  type StandingTuner,
} from '../../../src/channels/registration/plan-registration.ts';

const PLAYLIST = 'http://home:8400/live/T0/playlist.m3u';
const GUIDE = 'http://home:8400/live/T0/guide.xml';
const isOurs = (url: string): boolean => new URL(url).pathname.startsWith('/live/T0/');

const tuner = (id: string, fields: Partial<StandingTuner> = {}): StandingTuner => ({
  id,
  type: 'm3u',
  url: PLAYLIST,
  tunerCount: 0,
  ...fields,
});
const provider = (id: string, fields: Partial<StandingProvider> = {}): StandingProvider => ({
  id,
  type: 'xmltv',
  path: GUIDE,
  allTuners: false,
  tuners: ['t1'],
  ...fields,
});

type Case = {
  readonly name: string;
  readonly tuners?: readonly StandingTuner[];
  readonly providers?: readonly StandingProvider[];
  readonly given?: Partial<Situation>;
  readonly steps: readonly RegistrationStep[];
};

const saveTuner = (id: string | null): RegistrationStep => ({ do: 'save-tuner', id, url: PLAYLIST });
const saveProvider = (id: string | null, tuner: string | null): RegistrationStep => ({
  do: 'save-provider',
  id,
  url: GUIDE,
  tuner,
});
const removeTuner = (id: string): RegistrationStep => ({ do: 'remove-tuner', id });
const removeProvider = (id: string): RegistrationStep => ({ do: 'remove-provider', id });

const FOREIGN = {
  tuners: [
    tuner('f1', { url: 'http://iptv/list.m3u' }),
    tuner('f2', { type: 'hdhomerun', url: 'http://10.0.0.9' }),
    tuner('f3', { url: 'http://home:8400/live/other/playlist.m3u' }),
  ],
  providers: [
    provider('g1', { type: 'schedulesdirect', path: 'http://sd' }),
    provider('g2', { path: 'http://iptv/guide.xml', allTuners: true, tuners: [] }),
  ],
};

const CASES: readonly Case[] = [
  { name: 'nothing there: both are made', steps: [saveTuner(null), saveProvider(null, null)] },
  { name: 'both right: nothing', tuners: [tuner('t1')], providers: [provider('p1')], steps: [] },
  { name: 'no guide yet: it gets the tuner that stands', tuners: [tuner('t1')], steps: [saveProvider(null, 't1')] },
  {
    name: 'the tuner was deleted by hand: a new one, and the guide is wired to it',
    providers: [provider('p1')],
    steps: [saveTuner(null), saveProvider('p1', null)],
  },
  {
    name: 'two posts made two tuners: one goes',
    tuners: [tuner('t1'), tuner('t2')],
    providers: [provider('p1')],
    steps: [removeTuner('t2')],
  },
  {
    name: 'of two the one with the right address stays',
    tuners: [tuner('t2', { url: 'http://old:1/live/T0/playlist.m3u' }), tuner('t1')],
    providers: [provider('p1')],
    steps: [removeTuner('t2')],
  },
  {
    name: 'of two with old addresses the remembered one is repaired',
    tuners: [
      tuner('t2', { url: 'http://old:1/live/T0/playlist.m3u' }),
      tuner('t1', { url: 'http://old:2/live/T0/playlist.m3u' }),
    ],
    providers: [provider('p1')],
    given: { remembered: { tunerHostId: 't1', listingProviderId: null } },
    steps: [saveTuner('t1'), removeTuner('t2')],
  },
  {
    name: 'moved to another host: the tuner keeps its id, the guide gets a new one, since its copy stays for an hour',
    tuners: [tuner('t1', { url: 'http://old:1/live/T0/playlist.m3u' })],
    providers: [provider('p1', { path: 'http://old:1/live/T0/guide.xml' })],
    steps: [saveTuner('t1'), saveProvider(null, 't1'), removeProvider('p1')],
  },
  {
    name: 'a tuner count switches direct play off: put back to 0',
    tuners: [tuner('t1', { tunerCount: 2 })],
    providers: [provider('p1')],
    steps: [saveTuner('t1')],
  },
  {
    name: 'a guide for all tuners would map onto those of others',
    tuners: [tuner('t1')],
    providers: [provider('p1', { allTuners: true, tuners: [] })],
    steps: [saveProvider('p1', 't1')],
  },
  {
    name: 'a refresh within the hour: new guide first, then the old one goes',
    tuners: [tuner('t1')],
    providers: [provider('p1')],
    given: { renewGuide: true },
    steps: [saveProvider(null, 't1'), removeProvider('p1')],
  },
  { name: 'what others have stays', ...FOREIGN, steps: [saveTuner(null), saveProvider(null, null)] },
  {
    name: 'taken away: all of ours, under whatever host, and nothing else',
    tuners: [...FOREIGN.tuners, tuner('t1'), tuner('t2', { url: 'http://old:1/live/T0/playlist.m3u' })],
    providers: [...FOREIGN.providers, provider('p1')],
    given: { wanted: null },
    steps: [removeProvider('p1'), removeTuner('t1'), removeTuner('t2')],
  },
  { name: 'taken away where nothing is: nothing', ...FOREIGN, given: { wanted: null }, steps: [] },
];

for (const { name, tuners = [], providers = [], given = {}, steps } of CASES)
  t.test(`rows 149, 150: ${name}`, async (t) => {
    const situation: Situation = {
      standing: { tuners, providers },
      wanted: { playlistUrl: PLAYLIST, guideUrl: GUIDE },
      remembered: { tunerHostId: null, listingProviderId: null },
      isOurs,
      renewGuide: false,
      ...given,
    };
    t.same(planRegistration(situation).steps, steps);
  });

t.test('row 95: the ids of what stands are known without any step', async (t) => {
  const { keeps, steps } = planRegistration({
    standing: { tuners: [tuner('t1')], providers: [provider('p1')] },
    wanted: { playlistUrl: PLAYLIST, guideUrl: GUIDE },
    remembered: { tunerHostId: null, listingProviderId: null },
    isOurs,
    renewGuide: false,
  });
  t.same(steps, []);
  t.same(keeps, { tunerHostId: 't1', listingProviderId: 'p1' });
});

t.test("the server's copy of a guide is fresh for an hour", async (t) => {
  t.notOk(isGuideFresh(null, 1_000));
  t.ok(isGuideFresh(0, 60 * 60_000));
  t.notOk(isGuideFresh(0, 66 * 60_000));
});
