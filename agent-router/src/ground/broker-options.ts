// Pure: from the configuration's `mqtt` to what the port connects with.
import type { BrokerSettings } from './config-sections.ts';
import type { MqttOptions } from './mqtt-port.ts';

/** @param will undefined for a mere check */
export function brokerOptions(settings: BrokerSettings, clientId: string, will: MqttOptions['will']): MqttOptions {
  const { url, username, password, ca, pin } = settings;
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === 'mqtts:';
  const target = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port === '' ? (isSecure ? 8883 : 1883) : port),
    tls: isSecure ? { ca, pin } : undefined,
  };
  return { target, clientId, username, password, will };
}
