// Who asks, behind proxies that are trusted and those that are not.
import t from 'tap';
import { createClientAddress, isLoopback } from '../../src/http/client-address.ts';

t.test('only trusted proxies are believed, and only what they saw themselves', async (t) => {
  const clientOf = createClientAddress(['127.0.0.1/32', '10.0.0.0/8', 'fd00::/8']);
  const cases = [
    ['192.168.1.9', '1.2.3.4', 'https', '192.168.1.9', false],
    ['127.0.0.1', '1.2.3.4', 'https', '1.2.3.4', true],
    ['::ffff:127.0.0.1', '1.2.3.4', 'http', '1.2.3.4', false],
    ['127.0.0.1', '6.6.6.6, 1.2.3.4', 'https', '1.2.3.4', true],
    ['127.0.0.1', '1.2.3.4, 10.0.0.5', 'https', '1.2.3.4', true],
    ['127.0.0.1', '[2001:db8::1]', 'https', '2001:db8::1', true],
    ['fd00::1', '2001:db8::2', null, '2001:db8::2', false],
    ['127.0.0.1', 'nonsense, <script>', null, '127.0.0.1', false],
    ['127.0.0.1', null, null, '127.0.0.1', false],
    ['127.0.0.1', '1.2.3.4', 'https, http', '1.2.3.4', false],
    ['', null, null, '', false],
  ] as const;
  for (const [socketAddress, forwardedFor, forwardedProto, address, secure] of cases)
    t.same(clientOf({ socketAddress, forwardedFor, forwardedProto }), { address, secure }, `${socketAddress} ${forwardedFor}`);
});

t.test('this machine is known', async (t) => {
  t.same(['127.0.0.1', '127.9.9.9', '::1', '192.168.1.1', '2001::1', ''].map(isLoopback), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
