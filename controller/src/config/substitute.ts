// Pure: fills ${NAME} in a text of the configuration.

/** The text with its variables filled in, and which; or what is wrong. */
export type Substituted = { readonly ok: string; readonly names: readonly string[] } | { readonly problem: string };

/**
 * `${NAME}` becomes the variable, `${NAME:-text}` falls back where it is unset or empty, `$${` is a plain `${`.
 * A missing variable is an error: half a secret must not reach a neighbour.
 */
export function substitute(text: string, env: Readonly<Record<string, string | undefined>>): Substituted {
  const problems: string[] = [];
  const names: string[] = [];
  const ok = text.replaceAll(/\$(\$?)\{([^}]*)(\}?)/g, (all, doubled: string, inner: string, end: string) => {
    if (doubled !== '') return all.slice(1);
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inner);
    const name = match?.[1];
    if (name === undefined || end === '') {
      problems.push(`"\${${inner}${end}" is not a variable such as \${NAME}; write "$\${" for a plain "\${"`);
      return '';
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    const fallback = match?.[2];
    if (fallback !== undefined && (value === undefined || value === '')) return fallback;
    if (value === undefined) problems.push(`environment variable ${name} is not set`);
    names.push(name);
    return value ?? '';
  });
  return problems.length > 0 ? { problem: problems.join('; ') } : { ok, names };
}
