// Pure: a hook's data as its body: all properties as .NET's JSON, or a Handlebars template with names put in (facts/jellyfin.md §7, §11).
import { jsonTime } from './exact-time.ts';
import { dashed } from './identity.ts';
import type { HookData, HookValue } from './webhook-payloads.ts';

const dateText = (date: string): string => (date.endsWith('Z') ? jsonTime(date) : date.replace(/0*(\+00:00)$/, '$1'));

/** .NET escapes what might do harm in HTML, and everything beyond ASCII. */
const escaped = (text: string): string =>
  JSON.stringify(text).replace(/\\"|\\.|[^\x20-\x7e]|[<>&'+`]/g, (found) => {
    if (found.startsWith('\\') && found !== '\\"') return found;
    return `\\u${found
      .charCodeAt(found.length - 1)
      .toString(16)
      .toUpperCase()
      .padStart(4, '0')}`;
  });

function jsonValue(value: HookValue): string {
  if (typeof value === 'string') return escaped(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  // A date is written as it is: its `+` is not escaped.
  return 'guid' in value ? `"${value.guid}"` : `"${dateText(value.date)}"`;
}

const toJson = (data: HookData): string =>
  `{${Object.entries(data)
    .map(([key, value]) => `${escaped(key)}:${jsonValue(value)}`)
    .join(',')}}`;

/** As .NET writes it: booleans with a capital, ids with dashes. */
function plainText(value: HookValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return String(value);
  return 'guid' in value ? dashed(value.guid) : value.date;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
};

/** `{{Name}}` is escaped for HTML, `{{{Name}}}` is not; what is not there is empty. Blocks and helpers are not played. */
function fillTemplate(template: string, data: HookData): string {
  return template.replace(/\{\{\{\s*(\w+)\s*\}\}\}|\{\{\s*(\w+)\s*\}\}/g, (_all, raw?: string, safe?: string) => {
    const value = plainText(data[raw ?? safe ?? '']);
    return raw === undefined ? value.replace(/[&<>"'`]/g, (mark) => entities[mark] ?? mark) : value;
  });
}

/** Null where the plugin sends nothing: an empty body that is to be skipped. */
export function hookBody(
  option: {
    readonly SendAllProperties: boolean;
    readonly Template: string;
    readonly TrimWhitespace: boolean;
    readonly SkipEmptyMessageBody: boolean;
  },
  data: HookData,
): string | null {
  const filled = option.SendAllProperties ? toJson(data) : fillTemplate(base64Text(option.Template), data);
  const body = option.TrimWhitespace ? filled.trim() : filled;
  return option.SkipEmptyMessageBody && body.trim() === '' ? null : body;
}

const base64Text = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
