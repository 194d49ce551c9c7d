// The preferences that a controller may meet: kept over a restart, changed by PUT only with values of their type.

export type PreferenceValue = number | string | boolean;

type Definition = {
  readonly id: string;
  readonly label: string;
  readonly type: 'int' | 'text' | 'bool';
  readonly default: PreferenceValue;
  readonly group: string;
  readonly advanced?: boolean;
  readonly hidden?: boolean;
  readonly enumValues?: string;
};

export type SettingDto = Readonly<Record<string, PreferenceValue>>;

export type Preferences = {
  get(id: string): PreferenceValue | undefined;
  /** The owner's hand in the dashboard. Throws for an unknown id and for a value of another type. */
  set(id: string, value: PreferenceValue): void;
  /** As PUT: all or nothing. The changed ids, or null where one id is unknown or one value is of another type. */
  put(fields: Readonly<Record<string, string>>): readonly string[] | null;
  list(): readonly SettingDto[];
  dto(id: string): SettingDto | null;
};

const perStream =
  '0:Original (No limit)|20000:20 Mbps (1080p)|12000:12 Mbps (1080p)|10000:10 Mbps (1080p)|8000:8 Mbps (1080p)|4000:4 Mbps (720p)|3000:3 Mbps (720p)|2000:2 Mbps (480p)|1500:1.5 Mbps (480p)|720:720 kbps|320:320 kbps';

/** Names, types, defaults and choices as plexapi's settingslist.rst and servers' answers have them. Rates are kbit/s, 0 is none. */
const definitions: readonly Definition[] = [
  {
    id: 'FriendlyName',
    label: 'Friendly name',
    type: 'text',
    default: '',
    group: 'general',
  },
  {
    id: 'autoEmptyTrash',
    label: 'Empty trash automatically after every scan',
    type: 'bool',
    default: true,
    group: 'library',
  },
  {
    id: 'LanNetworksBandwidth',
    label: 'LAN Networks',
    type: 'text',
    default: '',
    group: 'network',
    advanced: true,
  },
  {
    id: 'TreatWanIpAsLocal',
    label: 'Treat WAN IP As LAN Bandwidth',
    type: 'bool',
    default: true,
    group: 'network',
    advanced: true,
  },
  {
    id: 'RelayEnabled',
    label: 'Enable Relay',
    type: 'bool',
    default: true,
    group: 'network',
    advanced: true,
  },
  {
    id: 'WanTotalMaxUploadRate',
    label: 'External network total upload limit (kbps)',
    type: 'int',
    default: 0,
    group: '',
    hidden: true,
  },
  {
    id: 'WanPerStreamMaxUploadRate',
    label: 'Limit remote stream bitrate',
    type: 'int',
    default: 0,
    group: '',
    hidden: true,
    enumValues: perStream,
  },
  {
    id: 'WanPerUserStreamCount',
    label: 'Remote streams allowed per user',
    type: 'int',
    default: 0,
    group: 'network',
    advanced: true,
  },
];

/** Undefined where the text is none of that type. */
function parse(type: Definition['type'], text: string): PreferenceValue | undefined {
  if (type === 'text') return text;
  if (type === 'bool') return ({ '1': true, true: true, '0': false, false: false } as const)[text];
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}

const typeNames = { int: 'number', text: 'string', bool: 'boolean' } as const;

export function createPreferences(first: Readonly<Record<string, PreferenceValue>>): Preferences {
  const values = new Map<string, PreferenceValue>();
  // plexapi lowers the first letter and writes the id back as it read it: the server itself is exact about case.
  const find = (id: string) => definitions.find((definition) => definition.id === id);
  const get = (id: string) => values.get(id) ?? find(id)?.default;
  const set = (id: string, value: PreferenceValue) => {
    const definition = find(id);
    if (!definition) throw new Error(`no preference ${id}`);
    if (typeof value !== typeNames[definition.type]) throw new Error(`${id} ${value}: want ${definition.type}`);
    values.set(id, value);
  };
  const dto = (definition: Definition): SettingDto => ({
    id: definition.id,
    label: definition.label,
    summary: '',
    type: definition.type,
    default: definition.default,
    value: get(definition.id) ?? definition.default,
    hidden: definition.hidden ?? false,
    advanced: definition.advanced ?? false,
    group: definition.group,
    ...(definition.enumValues === undefined ? {} : { enumValues: definition.enumValues }),
  });
  for (const [id, value] of Object.entries(first)) set(id, value);
  return {
    get,
    set,
    put(fields) {
      const wanted = Object.entries(fields).map(([id, text]) => {
        const definition = find(id);
        return { id, value: definition && parse(definition.type, text) };
      });
      if (wanted.some(({ value }) => value === undefined)) return null;
      for (const { id, value } of wanted) if (value !== undefined) set(id, value);
      return wanted.map(({ id }) => id);
    },
    list: () => definitions.map(dto),
    dto(id) {
      const definition = find(id);
      return definition ? dto(definition) : null;
    },
  };
}
