// Pure: what all devices that Home Assistant is told of have in common.
import { type Components, safeId } from './component.ts';

export type DevicePayload = {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly components: Components;
  readonly [option: string]: unknown;
};

export const ORIGIN = 'Headgate';

/** The controller's own device: all others hang on it. */
export const controllerId = ({ base }: { readonly base: string }): string => safeId(base);

/** A device is there as long as whoever speaks for it says so. */
export const available = (topic: string) => ({
  availability_topic: topic,
  availability_template: '{{ value_json.state }}',
  payload_available: 'online',
  payload_not_available: 'offline',
});

export const onOff = (key: string): string => `{{ 'ON' if value_json.${key} else 'OFF' }}`;
