// JSON of a neighbour as a value that is not checked yet. Pure.

/** Undefined where it is none, which JSON itself cannot say. Nothing is thrown: V8's SyntaxError quotes the text, and answers hold passwords and keys. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
