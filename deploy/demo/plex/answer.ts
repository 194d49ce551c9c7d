// Pure: answers in the shapes that a real Plex gives: JSON where it was asked for, else XML, and its own HTML for errors.

export type Answer = { readonly status: number; readonly type: string; readonly body: string };

export type Value = string | number | boolean;
export type Element = { readonly [name: string]: Value | Element | readonly Element[] | undefined };

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

export const reasonOf = (status: number): string => reasons[status] ?? 'Error';

/** Every refusal is a small HTML page, whatever was accepted. */
export function errorPage(status: number): Answer {
  const reason = reasonOf(status);
  const body = `<html><head><title>${reason}</title></head><body><h1>${status} ${reason}</h1></body></html>`;
  return { status, type: 'text/html', body };
}

/** An answer with no content: 200 and an empty page, as for PUT. */
export const empty: Answer = { status: 200, type: 'text/html', body: '' };

export function container(content: Element, accept: string): Answer {
  if (/application\/json/i.test(accept))
    return { status: 200, type: 'application/json', body: JSON.stringify({ MediaContainer: content }) };
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml('MediaContainer', content)}`;
  return { status: 200, type: 'text/xml;charset=utf-8', body };
}

const isValue = (entry: Element[string]): entry is Value => typeof entry !== 'object' && entry !== undefined;
const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

function attribute(value: Value): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : escaped(String(value));
}

/** What is Metadata in JSON is named after its kind in XML. */
function elementName(name: string, element: Element): string {
  if (name !== 'Metadata') return name;
  const { type } = element;
  if (type === 'track') return 'Track';
  return type === 'photo' ? 'Photo' : 'Video';
}

function xml(name: string, element: Element): string {
  const entries = Object.entries(element);
  const attributes = entries.flatMap(([key, entry]) => (isValue(entry) ? [` ${key}="${attribute(entry)}"`] : []));
  const children = entries.flatMap(([key, entry]) => {
    if (entry === undefined || isValue(entry)) return [];
    const list = (Array.isArray(entry) ? entry : [entry]) as readonly Element[];
    return list.map((child) => xml(elementName(key, child), child));
  });
  const open = `<${name}${attributes.join('')}`;
  return children.length === 0 && name !== 'MediaContainer' ? `${open}/>\n` : `${open}>\n${children.join('')}</${name}>\n`;
}

/** As servers of 2020 wrote JSON: whatever is an attribute in XML is a string. */
export function withStrings(element: Element): Element {
  const entries = Object.entries(element).map(([key, entry]) => {
    if (entry === undefined) return [key, entry];
    if (isValue(entry)) return [key, typeof entry === 'boolean' ? (entry ? '1' : '0') : String(entry)];
    return [key, Array.isArray(entry) ? entry.map(withStrings) : withStrings(entry as Element)];
  });
  return Object.fromEntries(entries);
}
