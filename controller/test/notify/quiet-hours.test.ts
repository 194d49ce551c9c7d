// Quiet hours by the clocks of the home, also in the two nights in which these are changed.
import t, { type Test } from 'tap';
import { startWebhookReceiver, type WebhookReceiver } from '../../../deploy/demo/webhook/start-webhook-receiver.ts';
import { waitUntil } from '../bandwidth/fixtures/wait-until.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { back, event, notifiedHome, silent } from './fixtures/notified-home.ts';

const MIN = 60_000;

async function quietHome(t: Test, receiver: WebhookReceiver, startUtc: string, keys: Readonly<Record<string, unknown>> = {}) {
  const clock = createFakeClock(Date.parse(startUtc));
  const sink = { name: 'hook', type: 'webhook', url: receiver.url, quiet_hours: [{ from: '22:00', to: '07:00' }], ...keys };
  const home = await notifiedHome(t, [sink], { clock });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 30));
  return {
    ...home,
    /** Until this moment, in steps of a quarter of a minute at its end. */
    async until(utc: string): Promise<void> {
      await clock.advance(Math.max(0, Date.parse(utc) - clock.now() - MIN));
      await settle();
      while (clock.now() < Date.parse(utc)) await clock.advance(Math.min(15_000, Date.parse(utc) - clock.now()));
      await settle();
    },
  };
}
const texts = (receiver: WebhookReceiver): string[] => receiver.messages().map(({ text }) => text);

for (const { what, evening, end, times } of [
  { what: 'an ordinary night', evening: '2026-11-20T20:30:00Z', end: '2026-11-21T06:00:00Z', times: ['22:10', '02:30'] },
  // 02:00 becomes 03:00: the night is an hour shorter.
  { what: 'the night in spring', evening: '2027-03-27T20:30:00Z', end: '2027-03-28T05:00:00Z', times: ['22:10', '03:30'] },
  // 03:00 becomes 02:00: the night is an hour longer.
  { what: 'the night in autumn', evening: '2026-10-24T19:30:00Z', end: '2026-10-25T06:00:00Z', times: ['22:10', '02:30'] },
])
  t.test(`${what}: nothing but errors from 22:00 to 07:00 at home, and one summary of the rest behind it`, async (t) => {
    await using receiver = await startWebhookReceiver();
    const home = await quietHome(t, receiver, evening);
    const later = (minutes: number): string => new Date(Date.parse(evening) + minutes * MIN).toISOString();
    home.tell(silent('before'));
    await waitUntil('told before', () => receiver.messages().length === 1);
    await home.until(later(40));
    home.tell(silent('main'));
    await home.until(later(60 + 4 * 60));
    home.tell(back('main'));
    home.tell(event('storage_damaged', {}, { severity: 'error', text: 'The disk is ill.' }));
    await waitUntil('the error', () => receiver.messages().length === 2);
    t.same(texts(receiver), ['before is silent', 'The disk is ill.']);
    await home.until(new Date(Date.parse(end) - 1_000).toISOString());
    t.equal(receiver.messages().length, 2, 'and not a second before');
    t.equal(home.sink('hook').held, 2);
    await home.until(new Date(Date.parse(end) + 31_000).toISOString());
    await waitUntil('the summary', () => receiver.messages().length === 3);
    t.match(receiver.messages()[2], {
      type: 'summary',
      title: 'While it was quiet: 2 events',
      text: `${times[0]} main is silent\n${times[1]} main is back`,
      details: { count: 2 },
    });
    await waitUntil('nothing left', () => home.sink('hook').waiting === 0);
  });

t.test('held back they come each for itself; dropped they never do', async (t) => {
  await using holding = await startWebhookReceiver();
  await using dropping = await startWebhookReceiver();
  const clock = createFakeClock(Date.parse('2026-11-20T22:00:00Z'));
  const sink = (name: string, receiver: WebhookReceiver, afterQuiet: string) => ({
    ...{ name, type: 'webhook', url: receiver.url, after_quiet_hours: afterQuiet },
    quiet_hours: [{ days: ['fri'], from: '22:00', to: '07:00' }],
  });
  const home = await notifiedHome(t, [sink('holding', holding, 'hold'), sink('dropping', dropping, 'drop')], { clock });
  home.tell(silent('a'), silent('b'));
  await clock.advance(8 * 60 * MIN);
  await waitUntil('both', () => holding.messages().length === 2);
  t.same(texts(holding), ['a is silent', 'b is silent']);
  t.same(texts(dropping), []);
  // Saturday evening is none of them.
  await clock.advance(15 * 60 * MIN);
  home.tell(silent('c'));
  await waitUntil('told', () => dropping.messages().length === 1);
});

t.test('what is held outlasts a restart, and a sink that was down before they began is left alone in them', async (t) => {
  await using receiver = await startWebhookReceiver();
  const home = await quietHome(t, receiver, '2026-11-20T20:50:00Z');
  await receiver.powerOff();
  home.tell(silent('evening'));
  await waitUntil('away', () => home.sink('hook').health.state === 'unreachable');
  await home.until('2026-11-20T21:05:00Z');
  await receiver.powerOn();
  home.tell(back('evening'));
  await home.until('2026-11-20T23:00:00Z');
  t.same(texts(receiver), []);
  await home.restart();
  await home.until('2026-11-21T05:59:59Z');
  t.same(texts(receiver), []);
  await home.until('2026-11-21T06:01:00Z');
  await waitUntil('the summary', () => receiver.messages().length === 1);
  t.match(receiver.messages()[0]?.text, /evening is silent\n.*evening is back/);
});
