// The mqtt section: Headgate's own broker with its users, or a broker of your own; and what Home Assistant is told through it.
import { z } from 'zod';
import { listen, url } from './addresses.ts';
import { across, notBoth, pemFile, type SchemaDeps, secret, secretFile, unique } from './schema-tools.ts';
import { flag, plainName, text } from './values.ts';

const brokerUser = (deps: SchemaDeps) =>
  z
    .strictObject({
      name: plainName().describe('User name at the broker.'),
      id: plainName().describe("The router's or node's id in topics; without it, the name.").optional(),
      password: secret().describe('Its password; better as a file.'),
      password_file: secretFile(deps).describe('File with its password.'),
      role: z
        .enum(['router', 'node', 'home_assistant', 'reader'], { error: 'must be router, node, home_assistant or reader' })
        .describe(
          'router, node: their own topics only. home_assistant: reads all, writes bandwidth/set and its own. reader: reads only.',
        ),
    })
    .check(
      across((user, tell) => {
        notBoth('password')(user, tell);
        const { password, password_file } = user;
        if (password === undefined && password_file === undefined)
          tell('password_file', 'is missing: a broker user needs a password or password_file');
      }),
    )
    .transform((user) => ({
      name: user.name,
      id: user.id ?? user.name,
      password: user.password ?? user.password_file ?? null,
      role: user.role,
    }));

const brokerTls = (deps: SchemaDeps) =>
  z
    .strictObject({
      listen: listen().describe('Where the embedded broker listens with TLS.').prefault('0.0.0.0:8883'),
      cert_file: pemFile(deps).unwrap().describe('Certificate with its chain, PEM.'),
      key_file: secretFile(deps).unwrap().describe('Its private key, PEM.'),
    })
    .transform((tls) => ({ listen: tls.listen, certificate: tls.cert_file, key: tls.key_file }));

const EXTERNAL_ONLY = ['username', 'password', 'password_file', 'ca_file'];
const EMBEDDED_ONLY = ['listen', 'tls', 'users'];

const mqttKeys = (deps: SchemaDeps) =>
  z.strictObject({
    broker: z
      .union([z.literal('embedded'), url('mqtt', 'mqtts')], {
        error: 'must be embedded, or the URL of a broker such as mqtts://host:8883',
      })
      .describe('`embedded`, or the URL of a broker of your own (`mqtt://`, `mqtts://`).')
      .meta({ kind: '`embedded` or URL' })
      .prefault('embedded'),
    listen: listen().describe('Where the embedded broker listens; 127.0.0.1:1883 without it.').optional(),
    tls: brokerTls(deps).describe('TLS listener of the embedded broker.').optional(),
    users: z.array(brokerUser(deps)).describe('Users of the embedded broker; nobody else gets in.').optional(),
    username: text().describe('User name at a broker of your own.').optional(),
    password: secret().describe('Password there; better as a file.'),
    password_file: secretFile(deps).describe('File with that password.'),
    ca_file: pemFile(deps).describe('Certificate authority of a broker of your own, PEM.'),
    base_topic: z
      .string({ error: 'must be text' })
      .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, 'must be topic levels of letters, digits, "_", "-" and "."')
      .max(100)
      .describe("First levels of all of Headgate's topics.")
      .meta({ kind: 'topic' })
      .prefault('headgate'),
    client_name: plainName().describe("The controller's MQTT client id.").prefault('headgate-controller'),
  });

export const mqttSection = (deps: SchemaDeps) =>
  mqttKeys(deps)
    .check(
      across((mqtt, tell) => {
        notBoth('password')(mqtt, tell);
        const { users, broker } = mqtt;
        unique(users, (index, sentence) => tell(['users', index, 'name'], sentence));
        const embedded = (broker ?? 'embedded') === 'embedded';
        for (const key of embedded ? EXTERNAL_ONLY : EMBEDDED_ONLY)
          if (mqtt[key] !== undefined)
            tell(key, embedded ? 'is only for a broker of your own (broker: mqtts://…)' : 'is only for broker: embedded');
      }),
    )
    .transform((mqtt) => ({
      broker:
        mqtt.broker === 'embedded'
          ? {
              kind: 'embedded' as const,
              listen: mqtt.listen ?? { host: '127.0.0.1', port: 1883 },
              tls: mqtt.tls ?? null,
              users: mqtt.users ?? [],
            }
          : {
              kind: 'external' as const,
              url: mqtt.broker,
              username: mqtt.username ?? null,
              password: mqtt.password ?? mqtt.password_file ?? null,
              ca: mqtt.ca_file ?? null,
            },
      baseTopic: mqtt.base_topic,
      clientName: mqtt.client_name,
    }))
    .prefault({});

export const homeAssistantSection = () =>
  z
    .strictObject({
      enabled: flag().describe('Announce devices to Home Assistant by MQTT discovery.').prefault(true),
      discovery_prefix: plainName().describe("Home Assistant's discovery prefix.").prefault('homeassistant'),
    })
    .transform((section) => ({ enabled: section.enabled, discoveryPrefix: section.discovery_prefix }))
    .prefault({});
