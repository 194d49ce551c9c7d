// The Authorization header as Jellyfin decodes it.
import t from 'tap';
import { authorizationHeader } from '../../src/jellyfin/authorization.ts';

t.test('the scheme is MediaBrowser with all five values', async (t) => {
  t.equal(
    authorizationHeader({ apiKey: 'abc123', deviceId: 'home-1', version: '0.1.0' }),
    'MediaBrowser Token="abc123", Client="Headgate", Device="Headgate", DeviceId="home-1", Version="0.1.0"',
  );
});

t.test('what the server would cut or decode is encoded', async (t) => {
  const header = authorizationHeader({ apiKey: 'a+b"c,d', deviceId: 'küche, "1"\r\nX: y', version: '1+2' });
  t.equal(
    header,
    'MediaBrowser Token="a%2Bb%22c%2Cd", Client="Headgate", Device="Headgate", DeviceId="k%C3%BCche%2C%20%221%22%0D%0AX%3A%20y", Version="1%2B2"',
  );
});
