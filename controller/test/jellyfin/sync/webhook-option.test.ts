// Our two entries in the configuration of the webhook plugin.
import t from 'tap';
import { pluginConfiguration, withOurs, withoutOurs } from '../../../src/jellyfin/sync/webhook-option.ts';

const TARGET = { url: 'http://headgate:7000/webhook/den', header: { name: 'Authorization', value: 'Bearer s3cret' } };
const OTHERS = {
  ServerUrl: 'http://den:8096',
  DiscordOptions: [{ WebhookName: 'Headgate', MentionType: 'None' }],
  SomethingNew: { Deep: [1, 2] },
  GenericOptions: [
    { WebhookName: 'Discord relay', WebhookUri: 'http://elsewhere', NotificationTypes: ['PlaybackStart'], Extra: 7 },
    { WebhookName: null, WebhookUri: 'http://unnamed', NotificationTypes: [] },
  ],
};
const standing = (configuration: unknown) => pluginConfiguration.parse(structuredClone(configuration));
const added = () => {
  const next = withOurs(standing(OTHERS), 'Headgate', TARGET);
  if (next === null) throw new Error('nothing was added');
  return next;
};

t.test('two entries are added: only types for which no player waits, everything sent, the secret as a header', async (t) => {
  const [relay, unnamed, data, users] = added().GenericOptions ?? [];
  t.same([relay, unnamed], OTHERS.GenericOptions);
  t.match(data, {
    WebhookName: 'Headgate',
    NotificationTypes: ['UserDataSaved'],
    WebhookUri: TARGET.url,
    SendAllProperties: true,
    EnableWebhook: true,
    UserFilter: [],
    Headers: [{ Key: 'Authorization', Value: 'Bearer s3cret' }],
  });
  const kinds = Object.keys(data ?? {}).filter((key) => key.startsWith('Enable'));
  t.equal(kinds.length, 8);
  t.ok(kinds.every((key) => data?.[key] === true));
  t.match(users, { WebhookName: 'Headgate users', NotificationTypes: ['UserCreated', 'UserDeleted'] });
});

t.test('all else stays, known or not', async (t) => {
  const { GenericOptions: _options, ...rest } = added();
  const { GenericOptions: _others, ...before } = OTHERS;
  t.same(rest, before);
});

t.test('two runs leave one entry each, and the second writes nothing', async (t) => {
  t.equal(withOurs(added(), 'Headgate', TARGET), null);
  const reordered = { ...added(), GenericOptions: [...(added().GenericOptions ?? [])].reverse() };
  t.equal(withOurs(reordered, 'Headgate', TARGET), null);
});

t.test('what was changed or doubled is mended in its place; unknown fields of it stay', async (t) => {
  const options = added().GenericOptions ?? [];
  const spoilt = {
    ...added(),
    GenericOptions: [
      {
        ...options[2],
        EnableWebhook: false,
        NotificationTypes: ['PlaybackProgress'],
        Fields: [{ Key: 'a', Value: 'b' }],
        New: 1,
      },
      options[2],
      options[0],
    ],
  };
  const mended = withOurs(standing(spoilt), 'Headgate', TARGET)?.GenericOptions ?? [];
  t.same(
    mended.map(({ WebhookName: name }) => name),
    ['Headgate', 'Discord relay', 'Headgate users'],
  );
  t.match(mended[0], { EnableWebhook: true, NotificationTypes: ['UserDataSaved'], Fields: [], New: 1 });
  const moved = withOurs(added(), 'Headgate', { ...TARGET, header: { name: 'Authorization', value: 'Bearer other' } });
  t.match(moved?.GenericOptions?.[2]?.['Headers'], [{ Value: 'Bearer other' }]);
});

t.test('ours go, and only ours; a second controller has its own', async (t) => {
  const both = withOurs(added(), 'Headgate den', { ...TARGET, url: 'http://other/webhook/den' });
  t.equal(both?.GenericOptions?.length, 6);
  const left = withoutOurs(standing(both), 'Headgate den');
  t.same(left, added());
  t.same(withoutOurs(added(), 'Headgate'), OTHERS);
  t.equal(withoutOurs(standing(OTHERS), 'Headgate'), null);
});

t.test('a plugin that was never configured', async (t) => {
  t.equal(withOurs(standing({}), 'Headgate', TARGET)?.GenericOptions?.length, 2);
  t.equal(withoutOurs(standing({ GenericOptions: null }), 'Headgate'), null);
});
