// Passwords that are kept until somebody fetched them.
import { randomBytes } from 'node:crypto';
import t from 'tap';
import { createSealedPasswords } from '../../../src/sync/people/sealed-passwords.ts';

t.test('row 263: 16 characters, another each time, that nobody confuses', (t) => {
  const passwords = createSealedPasswords(randomBytes(32));
  const made = Array.from({ length: 200 }, passwords.make);
  t.equal(new Set(made).size, 200);
  t.ok(made.every((one) => /^[a-km-zA-HJ-NP-Z2-9]{16}$/.test(one)));
  t.end();
});

t.test('closed it holds nothing of the password, and opens for its own row and key only', (t) => {
  const passwords = createSealedPasswords(randomBytes(32));
  const sealed = passwords.seal('k33p-me-secret', 'attic anna');
  t.notOk(Buffer.from(sealed, 'base64url').includes('k33p'));
  t.not(passwords.seal('k33p-me-secret', 'attic anna'), sealed);
  t.equal(passwords.open(sealed, 'attic anna'), 'k33p-me-secret');
  t.throws(() => passwords.open(sealed, 'barn anna'), { code: 'storage_failed' });
  t.throws(() => createSealedPasswords(randomBytes(32)).open(sealed, 'attic anna'), { code: 'storage_failed' });
  t.throws(() => passwords.open(sealed.slice(0, 20), 'attic anna'), { code: 'storage_failed' });
  t.end();
});
