// Pure: the part of Home Assistant's templates that ours use, rendered on a payload: paths, names in brackets, None tests, equality, slices, `/` and round.

const EXPRESSION = /^\{\{\s*(.+?)\s*\}\}$/s;
const CONDITIONAL = /^(.+?) if (.+?) else (.+)$/s;

/** @throws Error for anything that it does not know: then the template, or this file, is wrong. */
export function renderTemplate(template: string, payload: unknown): string {
  const [, expression] = EXPRESSION.exec(template) ?? [];
  if (expression === undefined) throw new Error(`no expression: ${template}`);
  return asText(evaluate(expression, payload));
}

function evaluate(expression: string, payload: unknown): unknown {
  const [, then = '', condition, otherwise = ''] = CONDITIONAL.exec(expression) ?? [];
  if (condition !== undefined) return evaluate(isTrue(condition, payload) ? then : otherwise, payload);
  const [, divided = '', divisor, digits] = /^\((\S+) \/ (\d+)\) \| round\((\d+)\)$/.exec(expression) ?? [];
  if (divisor !== undefined) return round(Number(lookUp(divided, payload)) / Number(divisor), Number(digits));
  const [, sliced = '', end] = /^(\S+)\[:(\d+)\]$/.exec(expression) ?? [];
  if (end !== undefined) return String(lookUp(sliced, payload)).slice(0, Number(end));
  const [, text] = /^'([^']*)'$/.exec(expression) ?? [];
  return text ?? lookUp(expression, payload);
}

/** Jinja's `and` binds weaker than `is not none` and `==`. */
const isTrue = (condition: string, payload: unknown): boolean =>
  condition.split(' and ').every((part) => {
    const [, path = '', wanted] = /^(\S+) == '([^']*)'$/.exec(part) ?? [];
    if (wanted !== undefined) return lookUp(path, payload) === wanted;
    const [, tested] = /^(\S+) is not none$/.exec(part) ?? [];
    return tested === undefined ? Boolean(lookUp(part, payload)) : lookUp(tested, payload) !== null;
  });

/** A field that is not there would be an error in Home Assistant's log at each message. */
function lookUp(path: string, payload: unknown): unknown {
  const [root, ...levels] = [...path.matchAll(/\['([^']*)'\]|([^.[\]]+)/g)].map(([, named, level]) => named ?? level ?? '');
  if (root !== 'value_json') throw new Error(`not known: ${path}`);
  return levels.reduce<unknown>((value, level) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, level))
      throw new Error(`${path}: the payload has no such field`);
    return (value as Record<string, unknown>)[level];
  }, payload);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const asText = (value: unknown): string =>
  value === null ? 'None' : value === true ? 'True' : value === false ? 'False' : String(value);
