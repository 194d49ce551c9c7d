// Pure: what every import makes: the lines of a controller.yaml, and what could not be taken over.
import { stringify } from 'yaml';

/** A key of the old file that has no place here, and why. */
export type LeftOut = { readonly key: string; readonly why: string };
export type Imported = { readonly lines: readonly string[]; readonly leftOut: readonly LeftOut[] };

/** How values of the old file are written into the new one. */
export type Written = {
  /** Text as YAML; `${` in it is no variable here, unless it was one there. */
  text(value: string): string;
  /** The end of a line `key: …`: the secret itself or the variable that is to hold it, with a comment that says which. */
  secret(value: string | undefined, names: { readonly variable: string; readonly key: string }): string;
};

export type WrittenOptions = {
  /** The secrets themselves, for a file that nobody else may read. */
  readonly withSecrets: boolean;
  /** The old program filled `${NAME}` in by itself. */
  readonly knowsVariables: boolean;
};

const A_VARIABLE = /^\$\{[A-Za-z_]\w*\}$/;

export function createWritten({ withSecrets, knowsVariables }: WrittenOptions): Written {
  const text = (value: string): string =>
    scalar(
      value.replaceAll(/\$\{(?:[A-Za-z_]\w*\})?/g, (found) => (knowsVariables && A_VARIABLE.test(found) ? found : `$${found}`)),
    );
  return {
    text,
    secret(value, { variable, key }) {
      if (value === undefined || value === '') return `\${${variable}} # ${key} did not stand in the old file`;
      if (knowsVariables && A_VARIABLE.test(value)) return `${value} # as in the old file`;
      return withSecrets ? `${text(value)} # ${key}` : `\${${variable}} # ${key}: its value stands in the old file`;
    },
  };
}

const scalar = (value: string | number): string => stringify(value, { lineWidth: 0, blockQuote: false }).trimEnd();

/** Seconds as a duration that the schema takes; what had to be changed is told. */
export function secondsWithin(seconds: number, mostSeconds: number, say: (why: string) => void): string {
  if (seconds > mostSeconds) say(`${seconds} s became ${mostSeconds} s, the most that there is here`);
  return `${Math.min(seconds, mostSeconds)}s`;
}

/** A key of a foreign file as it may stand in a comment or a message. */
export const shownKey = (key: string): string => (/^[\w.-]{1,60}$/.test(key) ? key : JSON.stringify(key.slice(0, 60)));

/** The variables that must be set before the file can be read. */
export const variablesIn = (yaml: string): readonly string[] => {
  const content = yaml.replaceAll(/(^|\s)#.*$/gm, '');
  return [...new Set([...content.matchAll(/(?<!\$)\$\{(\w+)\}/g)].map(([, name = '']) => name))];
};
