// What an operator should know.
import t from 'tap';
import { findWarnings } from '../../src/bandwidth/warnings.ts';
import { playing, watched } from './fixtures/decision-input.ts';

const RULES = { limitBps: 0, localSubnets: [], enableIPv6: false, knownProxies: [], version: '12.0.0' };
const at = (user: string, address: string) => watched(user, 8e6, { stream: playing(user, { address }) });
const server = (streams: ReturnType<typeof at>[], rules: typeof RULES | null = RULES) => [{ name: 'main', rules, streams }];

t.test('several users from one private address without KnownProxies: a proxy hides them', async (t) => {
  const both = [at('anna', '172.18.0.5'), at('ben', '172.18.0.5')];
  t.match(findWarnings(server(both), null), [/2 users of main watch from the one private address 172\.18\.0\.5/]);
  t.same(findWarnings(server([at('anna', '172.18.0.5'), at('anna', '172.18.0.5')]), null), [], 'one user twice is a household');
  t.same(
    findWarnings(server([at('anna', '203.0.113.5'), at('ben', '203.0.113.5')]), null),
    [],
    'a public address is a household',
  );
  t.same(findWarnings(server(both, { ...RULES, knownProxies: ['172.18.0.5'] as never[] }), null), [], 'the proxy is known');
  t.same(findWarnings(server(both, null), null), [], 'rules not read yet');
});

t.test('a hint is told once, whoever and however often it is for', async (t) => {
  const hinted = {
    ...at('anna', '10.8.0.3'),
    location: { place: 'vpn', usesUplink: true, capped: false, hint: 'do this' },
  } as const;
  t.same(findWarnings(server([hinted, { ...hinted, key: 'other' }]), null), ['do this']);
});
