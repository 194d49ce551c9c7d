// Pure: the OpenAPI document as one readable page. No script and nothing from elsewhere, so it works without internet.

type Json = Readonly<Record<string, unknown>>;

const asJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A piece of HTML; texts that are put into one are escaped, pieces are not. */
type Html = { readonly html: string };
const html = (parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html => ({
  html: parts.reduce((all, part, index) => all + shown(values[index - 1] ?? '') + part),
});

function shown(value: string | Html | readonly Html[]): string {
  if (typeof value !== 'string') return 'html' in value ? value.html : value.map((one) => one.html).join('');
  return value.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** @param document what openApiDocument answers. */
export function docsPage(document: Json): string {
  const info = asJson(document['info']);
  const operations = Object.entries(asJson(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(asJson(methods)).map(([method, operation]) => ({ path, method, operation: asJson(operation) })),
  );
  const sections = asList(document['tags']).map((tag) => {
    const name = String(asJson(tag)['name']);
    const ours = operations.filter(({ operation }) => asList(operation['tags']).includes(name));
    return html`<section><h2>${name}</h2>${ours.map(operationHtml)}</section>`;
  });
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${String(info['title'])} API</title><link rel="stylesheet" href="docs.css"></head>
<body><h1>${String(info['title'])} API <small>${String(info['version'])}</small></h1>
<p>Scripts send an API token: <code>Authorization: Bearer hg_…</code>. Tokens are made with <code>POST /api/tokens</code> after
<code>POST /api/login</code>. The same description for programs: <a href="openapi.json">openapi.json</a>.</p>
${sections}</body></html>`;
  return page.html;
}

function operationHtml({ path, method, operation }: { path: string; method: string; operation: Json }): Html {
  const body = asJson(asJson(asJson(asJson(operation['requestBody'])['content'])['application/json'])['schema']);
  const responses = asJson(operation['responses']);
  const answers = Object.values(asJson(asJson(responses['200'])['content'])).map((content) => asJson(asJson(content)['schema']));
  return html`<details><summary><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code> ${String(operation['summary'])}
<i>${String(operation['x-access'])}</i></summary>
<p>${String(operation['description'] ?? '')}</p>
${asList(operation['parameters']).map(parameterHtml)}
${Object.keys(body).length > 0 ? html`<h3>Body</h3>${schemaHtml(body)}` : ''}
<h3>Answer</h3>${answers.length > 0 ? answers.map(schemaHtml) : html`<p>empty (204)</p>`}</details>`;
}

function parameterHtml(value: unknown): Html {
  const parameter = asJson(value);
  const needed = parameter['required'] === true ? 'required' : 'optional';
  return html`<p><code>${String(parameter['name'])}</code> in ${String(parameter['in'])}, ${needed}.
${String(parameter['description'] ?? '')} ${schemaHtml(asJson(parameter['schema']))}</p>`;
}

const schemaHtml = (schema: Json): Html => html`<pre>${JSON.stringify(schema, null, 2)}</pre>`;

export const docsStyle = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1 small,i{opacity:.6;font-size:.8em}details{border:1px solid #8884;border-radius:.4rem;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer}b{display:inline-block;min-width:4.5rem}.get{color:#2a7}.post,.put,.patch{color:#b70}.delete{color:#c33}
pre{overflow:auto;background:#8881;padding:.6rem;border-radius:.3rem;font-size:.85em}h3{margin:.6rem 0 .2rem;font-size:1em}
`;
