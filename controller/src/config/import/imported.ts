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
const BRACED = /\$\{(?:[A-Za-z_]\w*\})?/g;
/** As Python's os.path.expandvars takes it, braces or none. */
const BARE = /\$([A-Za-z_]\w*)/g;
const inBraces = (_: string, name: string): string => `\${${name}}`;

export function createWritten({ withSecrets, knowsVariables }: WrittenOptions): Written {
  const text = (value: string): string =>
    scalar(
      knowsVariables
        ? value.replaceAll(BRACED, (found) => (A_VARIABLE.test(found) ? found : `$${found}`)).replaceAll(BARE, inBraces)
        : value.replaceAll(BRACED, (found) => `$${found}`),
    );
  return {
    text,
    secret(value, { variable, key }) {
      if (value === undefined || value === '') return `\${${variable}} # ${key} did not stand in the old file`;
      const own = value.replace(/^\$([A-Za-z_]\w*)$/, inBraces);
      if (knowsVariables && A_VARIABLE.test(own)) return `${own} # as in the old file`;
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

/** The reason that is known for a key. Whatever a foreign file calls a key: nothing but ours is found. */
export const reasonFor = (reasons: Readonly<Record<string, string>>, key: string, program: string): string =>
  (Object.hasOwn(reasons, key) ? reasons[key] : undefined) ?? `is not a key of ${program} that is known here`;

/** A key of a foreign file as it may stand in a comment or a message. */
export const shownKey = (key: string): string => (/^[\w.-]{1,60}$/.test(key) ? key : JSON.stringify(key.slice(0, 60)));

/** The variables that must be set before the file can be read. */
export const variablesIn = (yaml: string): readonly string[] => {
  const content = yaml.replaceAll(/(^|\s)#.*$/gm, '');
  return [...new Set([...content.matchAll(/(?<!\$)\$\{(\w+)\}/g)].map(([, name = '']) => name))];
};
