// What the official API documents of 10.10.7, 10.11.11 and 12.0.0 know of our calls (extract of the saved documents).
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Asked } from './asked.ts';

const document = z.object({
  operations: z.record(z.string(), z.object({ query: z.array(z.string()), body: z.array(z.string()).nullable() })),
  enums: z.record(z.string(), z.array(z.string())),
});
const documents = z
  .record(z.string(), document)
  .parse(JSON.parse(readFileSync(new URL('recordings/openapi-extract.json', import.meta.url), 'utf8')));

const LISTS: Readonly<Record<string, string>> = {
  includeItemTypes: 'BaseItemKind',
  sortBy: 'ItemSortBy',
  fields: 'ItemFields',
  excludeLocationTypes: 'LocationType',
  enableImageTypes: 'ImageType',
  sortOrder: 'SortOrder',
  filters: 'ItemFilter',
};

const fits = (template: string, path: string): boolean => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);

/** What the documents do not know of a request, one sentence each. */
export function unknownTo({ method, path, query, body }: Asked): string[] {
  return Object.entries(documents).flatMap(([version, { operations, enums }]) => {
    const say = (what: string) => `${version}: ${method} ${path}: ${what}`;
    const found = Object.entries(operations).find(([name]) => {
      const [verb = '', template = ''] = name.split(' ');
      return verb === method && fits(template, path);
    });
    if (!found) return [say('no such operation')];
    const [, operation] = found;
    return [
      ...Object.keys(query)
        .filter((name) => !operation.query.includes(name))
        .map((name) => say(`no parameter ${name}`)),
      ...Object.entries(query).flatMap(([name, value]) =>
        value
          .split(',')
          .filter((word) => LISTS[name] !== undefined && !enums[LISTS[name]]?.includes(word))
          .map((word) => say(`no ${name} ${word}`)),
      ),
      ...Object.keys(body ?? {})
        .filter((name) => operation.body !== null && !operation.body.includes(name))
        // 10.10 does not know it; it comes from what a newer server gave us and goes back to that one only.
        .filter((name) => name !== 'ReadAtNativeFramerate')
        .map((name) => say(`no field ${name}`)),
    ];
  });
}
