// Pure: the configuration reference (CONFIGURATION.md), made from the schema, so that it cannot be out of date.
import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** What z.toJSONSchema gives for our schema, as far as it is read here. */
type Node = {
  readonly description?: string;
  /** Our own word for the kind of value (`.meta({ kind })`). */
  readonly kind?: string;
  readonly default?: unknown;
  /** Default of a key that only some types have (`.meta({ fallback })`): a real one would stand at all of them. */
  readonly fallback?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
};

const HEAD = `# Configuration of the controller

Made from the schema by \`node controller/test/config/reference.test.ts --update\`; do not edit by hand.

One YAML file. It is looked for at \`--config PATH\`, then at \`HEADGATE_CONFIG\` (or jellyfin-db-sync's \`CONFIG_PATH\`), then at \`./controller.yaml\`,
\`$XDG_CONFIG_HOME/headgate/controller.yaml\` (else \`~/.config/…\`) and \`/etc/headgate/controller.yaml\`. Without a file, defaults hold: Headgate is reached from
this machine only, and data goes to \`$STATE_DIRECTORY\` (set by systemd), else \`$XDG_STATE_HOME/headgate\`, else \`~/.local/state/headgate\`.

- **Rate**: a number of Mbit/s, or with its unit: \`500 kbit/s\`, \`1.5 Gbit/s\`, \`500 KiB/s\`, \`2 MB/s\`. A cap is at most 2147 Mbit/s (Jellyfin's own limit).
- **Duration**: \`500ms\`, \`60s\`, \`5m\`, \`2h\`, \`30d\`; a bare number is seconds. **Size**: \`10MB\`, \`512KB\`, \`1MiB\`, or bytes.
- **Path**: relative ones start at the folder of the configuration file.
- **Secrets**: a key that ends in \`_file\` names a file that holds the secret and nothing else; give the key or its file, not both. Headgate warns of a file that everybody can read.
- \`\${NAME}\` in a value is the environment variable; \`\${NAME:-text}\` falls back where it is unset; \`$\${\` is a plain \`\${\`. A missing variable is an error.
- Where there is exactly one Plex, \`PLEX_TOKEN\` of the environment goes before its \`api_key\` and \`api_key_file\`, which it then needs not; where there is exactly one qBittorrent with a
  \`username\`, \`QBITTORRENT_PASSWORD\` goes before its \`password\` and \`password_file\`. \`PLEX_TOKEN_FILE\` and \`QBITTORRENT_PASSWORD_FILE\` name files instead. The log says so at start.
- JellyStream's variables count where the file says nothing: \`JELLYFIN_URL\`, \`JELLYFIN_API_KEY\` (or \`JELLYFIN_API_KEY_FILE\`), \`JELLYFIN_USER_ID\`, \`JELLYFIN_CLIENT_NAME\`,
  \`JELLYFIN_DEVICE_NAME\` and \`JELLYFIN_DEVICE_ID\` make or complete the only Jellyfin; \`JELLYFIN_DEFAULT_PAGE_SIZE\`, \`JELLYFIN_MAX_PAGE_SIZE\`, \`SCHEDULER_ENABLED\`,
  \`COMMERCIALS_PATH\` and \`LOGOS_PATH\` are keys of \`channels\`. \`HOST\`, \`PORT\`, \`LOG_LEVEL\`, \`LOG_TO_FILE\`, \`LOG_FILE_PATH\`, \`LOG_FILE_MAX_BYTES\`, \`LOG_FILE_BACKUP_COUNT\` and
  \`LOG_RETENTION_DAYS\` are names that any container may have: they count only where \`JELLYFIN_URL\` is set too. The log says what was taken, and what was not.
- So do those of Decentralized Media Sync's manifest server: \`MANIFEST_DIR\` is \`distribution.manifest_dir\` and switches distribution on, \`WAIT_SEED_TIMEOUT\` is
  \`distribution.wait_seed_timeout_s\`, and \`PORT\` counts beside \`MANIFEST_DIR\` too. \`--host ADDRESS\` goes before the host of \`http.listen\`.
- Unknown keys are errors. All problems are told at once, each as \`file:line:column: key: sentence\`; \`--test\` checks without starting.
- The configuration of plex-helper, JellyDemon or jellyfin-db-sync is turned into this one by \`import --from plex-helper FILE\`, \`import --from jellydemon FILE\`
  or \`import --from jellyfin-db-sync FILE\`.
`;

/** The whole document. @param algorithms names of the registered allocation algorithms. */
export function configReference(algorithms: readonly string[]): string {
  const schema = configSchema({ algorithms, readFile: async () => ({ problem: '' }), absolute: (path) => path });
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;
  const sections = Object.entries(properties).flatMap(([name, node]) => section(name, node));
  return `${[HEAD, ...sections].join('\n')}`;
}

/** A heading and a table; sections inside follow with headings of their own. */
function section(path: string, node: Node): string[] {
  const [inner, shownPath] = contentOf(path, node);
  const inside = Object.entries(inner?.properties ?? {});
  const intro = node.description === undefined ? [] : [`${node.description}\n`];
  if (inside.length === 0) return [`## \`${path}\`\n`, ...intro];
  const rows = inside.map(([key, one]) => row(key, one, inner?.required?.includes(key) ?? false));
  const further = inside.filter(([, one]) => contentOf('', one)[0]?.properties !== undefined);
  return [
    `## \`${shownPath}\`\n`,
    ...intro,
    ['| key | value | default | what it does |', '|---|---|---|---|', ...rows, ''].join('\n'),
    ...further.flatMap(([key, one]) => section(`${shownPath}.${key}`, one)),
  ];
}

/** The keys of a section, of a list's entries or of a record's values, and how the path to them is written. */
function contentOf(path: string, node: Node): readonly [Node | undefined, string] {
  if (node.items !== undefined) return [node.items, `${path}[]`];
  if (node.properties === undefined && typeof node.additionalProperties === 'object')
    return [node.additionalProperties, `${path}.NAME`];
  return [node, path];
}

function row(key: string, node: Node, isNeeded: boolean): string {
  const without = node.default ?? node.fallback;
  const fallback = isNeeded ? '**needed**' : without === undefined ? '' : `\`${JSON.stringify(without)}\``;
  const cells = [`\`${key}\``, kindOf(node), fallback, node.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function kindOf(node: Node): string {
  if (node.kind !== undefined) return node.kind;
  if (node.enum !== undefined) return node.enum.map((one) => `\`${one}\``).join(', ');
  if (node.items !== undefined) return node.items.properties === undefined ? `list of ${kindOf(node.items)}` : 'list, see below';
  if (node.properties !== undefined) return 'section, see below';
  if (typeof node.additionalProperties === 'object') return `name: ${kindOf(node.additionalProperties)}`;
  return String(node.type ?? '');
}
