// What Home Assistant 2025.10 checks of an entity in a device payload (facts: components/mqtt of its source). Pure tables.

/** Options that every MQTT entity knows; anything else is dropped without a word, so it would never do what was meant. */
export const COMMON_OPTIONS = [
  ...['platform', 'unique_id', 'default_entity_id', 'name', 'icon', 'entity_category', 'enabled_by_default', 'entity_picture'],
  ...['qos', 'encoding', 'availability', 'availability_mode', 'availability_topic', 'availability_template'],
  ...['payload_available', 'payload_not_available', 'json_attributes_topic', 'json_attributes_template', 'device_class'],
];

type Platform = {
  readonly options: readonly string[];
  readonly required: readonly string[];
  readonly deviceClasses: readonly string[];
};

const command = ['command_topic', 'command_template', 'retain', 'optimistic'];

export const PLATFORMS: Readonly<Record<string, Platform>> = {
  sensor: {
    options: [
      ...['state_topic', 'value_template', 'unit_of_measurement', 'state_class', 'suggested_display_precision', 'options'],
      ...['expire_after', 'force_update', 'last_reset_value_template'],
    ],
    required: ['state_topic'],
    deviceClasses: ['data_rate', 'data_size', 'duration', 'enum', 'timestamp', 'temperature', 'frequency'],
  },
  binary_sensor: {
    options: ['state_topic', 'value_template', 'payload_on', 'payload_off', 'expire_after', 'off_delay', 'force_update'],
    required: ['state_topic'],
    deviceClasses: ['connectivity', 'problem', 'running', 'update'],
  },
  switch: {
    options: [...command, 'state_topic', 'value_template', 'payload_on', 'payload_off', 'state_on', 'state_off'],
    required: ['command_topic'],
    deviceClasses: ['switch', 'outlet'],
  },
  select: {
    options: [...command, 'state_topic', 'value_template', 'options'],
    required: ['command_topic', 'options'],
    deviceClasses: [],
  },
  number: {
    options: [...command, 'state_topic', 'value_template', 'min', 'max', 'step', 'mode', 'unit_of_measurement', 'payload_reset'],
    required: ['command_topic'],
    deviceClasses: ['data_rate', 'data_size', 'duration'],
  },
  button: {
    options: ['command_topic', 'command_template', 'payload_press', 'retain'],
    required: ['command_topic'],
    deviceClasses: ['restart', 'update', 'identify'],
  },
  event: {
    options: ['state_topic', 'value_template', 'event_types'],
    required: ['state_topic', 'event_types'],
    deviceClasses: ['button', 'doorbell', 'motion'],
  },
  update: {
    options: ['command_topic', 'state_topic', 'value_template', 'payload_install', 'latest_version_topic'],
    required: [],
    deviceClasses: ['firmware'],
  },
};

/** A unit that does not fit its class drops the whole entity. */
export const UNITS: Readonly<Record<string, readonly string[]>> = {
  data_rate: ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'B/s', 'kB/s', 'MB/s', 'GB/s', 'KiB/s', 'MiB/s', 'GiB/s'],
  data_size: ['bit', 'kbit', 'Mbit', 'Gbit', 'B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'],
  duration: ['d', 'h', 'min', 's', 'ms'],
};

export const STATE_CLASSES: Readonly<Record<string, readonly string[]>> = {
  data_rate: ['measurement'],
  data_size: ['total', 'total_increasing', 'measurement'],
  duration: ['total', 'total_increasing', 'measurement'],
  enum: [],
  timestamp: [],
};

export const DEVICE_OPTIONS = [
  ...['identifiers', 'connections', 'name', 'manufacturer', 'model', 'model_id', 'hw_version', 'sw_version', 'serial_number'],
  ...['suggested_area', 'via_device', 'configuration_url'],
];

export const ROOT_OPTIONS = [
  ...['device', 'origin', 'components', 'qos', 'encoding', 'command_topic', 'state_topic'],
  ...[
    'availability',
    'availability_mode',
    'availability_template',
    'availability_topic',
    'payload_available',
    'payload_not_available',
  ],
];
