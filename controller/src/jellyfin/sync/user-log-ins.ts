// Tokens of users who agree: by password, or by Quick Connect, where the user types a code into a client of theirs.
import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { ControllerError } from '../../errors.ts';
import { decodeJson } from '../../http-client/decode-answer.ts';
import type { HttpRequest } from '../../http-client/open-http-client.ts';
import type { LogIn, UserLogIns } from '../../neighbours/synced-hints.ts';
import { openJellyfinHttp } from '../jellyfin-http.ts';
import type { AsUser, JellyfinAddress } from './as-user.ts';
import { authorizationOfDevice, type Device } from './token-authorization.ts';

export type LogInDeps = {
  readonly address: JellyfinAddress;
  readonly asUser: AsUser;
  /** Of this installation. */
  readonly device: Device;
};

const authentication = z.object({ AccessToken: z.string().min(1), User: z.object({ Id: z.string().min(1), Name: z.string() }) });
const begun = z.object({ Secret: z.string().min(1), Code: z.string().min(1) });
const connecting = z.object({ Authenticated: z.boolean() });

const json = { 'content-type': 'application/json' };

const logInOf = ({ AccessToken: token, User: user }: z.infer<typeof authentication>): LogIn => ({
  token,
  userId: user.Id,
  userName: user.Name,
});

const isCode = (error: unknown, code: ControllerError['code']): boolean =>
  error instanceof ControllerError && error.code === code;

/** A client for one question: a wrong password is a 401 like a refused key, and must not rest as one. */
const asker =
  (address: JellyfinAddress, device: Device) =>
  async <Schema extends z.ZodType>(schema: Schema, request: HttpRequest): Promise<z.infer<Schema>> => {
    await using http = openJellyfinHttp({ ...address, authorization: authorizationOfDevice(device) });
    const { text } = await http.send(request);
    return decodeJson(schema, text, `${address.who}: ${request.method ?? 'GET'} ${request.path}`) as z.infer<Schema>;
  };

/**
 * One user with one device id has one token: a second log-in makes the first void, which is meant. Two users with one id would share a session.
 * The name alone must not give the id away to whoever sees the device list of another server.
 */
const deviceOfUser = (device: Device, name: string): Device => {
  const hash = createHash('sha256').update(`${device.deviceId} ${name.toLowerCase()}`).digest('hex').slice(0, 32);
  return { ...device, deviceId: `${device.deviceId}-${hash}` };
};

export const createUserLogIns = ({ address, asUser, device }: LogInDeps): UserLogIns => {
  const { who } = address;
  const ask = asker(address, device);
  return {
    async byPassword({ name, password }, signal) {
      const body = JSON.stringify({ Username: name, Pw: password });
      const request: HttpRequest = { method: 'POST', path: '/Users/AuthenticateByName', headers: json, body, signal };
      try {
        return logInOf(await asker(address, deviceOfUser(device, name))(authentication, request));
      } catch (cause) {
        if (isCode(cause, 'upstream_refused'))
          throw new ControllerError('unauthenticated', `${who} knows no user "${name}" with this password`, { cause });
        if (isCode(cause, 'denied'))
          throw new ControllerError('denied', `${who} does not let "${name}" log in: disabled, locked, or from here`, { cause });
        throw cause;
      }
    },
    async beginQuickConnect(signal) {
      // The token will be made for this device, and who will agree is not known yet.
      const askAnew = asker(address, { ...device, deviceId: `${device.deviceId}-${randomUUID()}` });
      try {
        const { Secret: secret, Code: code } = await askAnew(begun, { method: 'POST', path: '/QuickConnect/Initiate', signal });
        return { secret, code };
      } catch (cause) {
        if (!isCode(cause, 'upstream_refused')) throw cause;
        throw new ControllerError('denied', `${who}: Quick Connect is switched off there`, { cause });
      }
    },
    async endQuickConnect(secret, signal) {
      const { Authenticated: isAgreed } = await ask(connecting, { path: '/QuickConnect/Connect', query: { secret }, signal });
      if (!isAgreed) return null;
      const body = JSON.stringify({ Secret: secret });
      const path = '/Users/AuthenticateWithQuickConnect';
      return logInOf(await ask(authentication, { method: 'POST', path, headers: json, body, signal }));
    },
    async revoke(token, signal) {
      try {
        await asUser.send(token, { method: 'POST', path: '/Sessions/Logout', signal });
      } catch (error) {
        if (!isCode(error, 'denied')) throw error;
      }
    },
  };
};
