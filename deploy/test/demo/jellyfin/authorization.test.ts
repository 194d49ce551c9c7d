// Which tokens count, and how the header's values are read.
import t from 'tap';
import { readCredentials } from '../../../demo/jellyfin/authorization.ts';

const query = (search = '') => new URLSearchParams(search);

t.test('the header carries token and device; values are URL-decoded, and a plus is a space', async (t) => {
  const authorization = 'MediaBrowser Token="abc", Client="Head%2Cgate", Device="Anna+s TV", DeviceId="d%22%2B1", Version="1.0"';
  t.same(readCredentials({ authorization }, query(), false), {
    token: 'abc',
    client: 'Head,gate',
    device: 'Anna s TV',
    deviceId: 'd"+1',
    version: '1.0',
  });
  t.match(readCredentials({ authorization: 'MediaBrowser Token=abc, DeviceId=x' }, query(), false), {
    token: 'abc',
    deviceId: 'x',
  });
  t.match(
    readCredentials({ authorization: 'MediaBrowser Token="%zz"' }, query(), false),
    { token: '%zz' },
    'what cannot be decoded stays',
  );
});

t.test('?ApiKey= always counts, the legacy forms only where they are admitted', async (t) => {
  t.equal(readCredentials({}, query('ApiKey=k'), false).token, 'k');
  const legacy = [
    [{ 'x-emby-token': 'k' }, ''],
    [{ 'x-mediabrowser-token': 'k' }, ''],
    [{ 'x-emby-authorization': 'MediaBrowser Token="k"' }, ''],
    [{ authorization: 'Emby Token="k"' }, ''],
    [{}, 'api_key=k'],
  ] as const;
  for (const [headers, search] of legacy) {
    t.equal(readCredentials(headers, query(search), true).token, 'k', `${JSON.stringify(headers)} ${search} where admitted`);
    t.equal(readCredentials(headers, query(search), false).token, null, `${JSON.stringify(headers)} ${search} on 12`);
  }
  t.equal(readCredentials({ authorization: 'Bearer k' }, query(), true).token, null);
});
