// One endpoint as a value: method, path, schemas and handler. koa-app.ts serves it, openapi.ts describes it; features declare theirs with it.
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { ControllerError } from '../errors.ts';

/** `public` needs no log-in. `read` and `write` need the administrator's session or an API token of that scope (write includes read). */
export type Access = 'public' | 'read' | 'write';

/** Who asks. `name` is fit for logs and for reasons that are kept ("set by token kitchen"). */
export type Caller =
  | { readonly kind: 'nobody'; readonly name: 'nobody' }
  | { readonly kind: 'session'; readonly name: 'administrator' }
  | { readonly kind: 'token'; readonly name: string; readonly scope: 'read' | 'write' };

/** Beside the answer itself. Few handlers need it. */
export type Reply = {
  status(code: number): void;
  header(name: string, value: string): void;
};

/** What every handler gets beside its own input. */
export type RequestFacts = {
  readonly caller: Caller;
  /** The client's address, behind a trusted proxy the one that the proxy tells. */
  readonly address: string;
  /** The client reached us, or its proxy, by https. */
  readonly secure: boolean;
  /** One request header, null where absent. */
  readonly header: (name: string) => string | null;
  readonly reply: Reply;
  /** HEAD reaches a `get` route as well. */
  readonly method: string;
  /**
   * Takes the connection out of HTTP: whoever gets it writes the whole answer, head included, or hands it to another process.
   * The handler then answers with `handedOver`.
   */
  readonly handOver: () => Socket;
  /** Fires when the client is gone or Headgate stops. */
  readonly signal: AbortSignal;
};

/** What a request carries before it is checked. */
export type RawInput = { readonly params: unknown; readonly query: unknown; readonly body: unknown };

export type Route = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As the router reads it: `/api/wans/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly access: Access;
  readonly params: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  /** The body is handed on as text, of any content type, up to this size; null: JSON, that says it is. */
  readonly text: { readonly maxBytes: number } | null;
  readonly response: z.ZodType;
  /** Other than JSON: the handler answers with text, bytes or a stream of this type (`rawBody`); `reply.header` may name another. */
  readonly contentType: string | null;
  /** Checks the input, runs the handler, checks the answer. @throws ControllerError input_invalid naming the field. */
  run(raw: RawInput, facts: RequestFacts): Promise<unknown>;
};

type None = z.ZodUndefined;

type Definition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> = {
  readonly method: Route['method'];
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly access: Access;
  /** Path variables are text: use `z.coerce` for numbers. */
  readonly params?: P;
  /** Query values are text too; a key given twice is a list. */
  readonly query?: Q;
  readonly body?: B;
  /** `body` is text of any content type. Only where a secret in a header is asked for: a foreign page can send text without asking. */
  readonly text?: { readonly maxBytes: number };
  /** What the answer is. Fields that it does not name never leave the house. */
  readonly response: R;
  readonly contentType?: string;
  readonly handler: (
    input: { readonly params: z.output<P>; readonly query: z.output<Q>; readonly body: z.output<B> } & RequestFacts,
  ) => Promise<z.input<R>> | z.input<R>;
};

/** Makes an endpoint; the types of the handler's input and answer follow from the schemas. */
export function route<R extends z.ZodType, P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
  definition: Definition<P, Q, B, R>,
): Route {
  const { params, query, body, response, handler } = definition;
  return {
    method: definition.method,
    path: definition.path,
    summary: definition.summary,
    description: definition.description ?? null,
    tags: definition.tags,
    access: definition.access,
    params: params ?? null,
    query: query ?? null,
    body: body ?? null,
    text: definition.text ?? null,
    response,
    contentType: definition.contentType ?? null,
    async run(raw, facts) {
      const input = {
        params: checked('path', params, raw.params),
        query: checked('query', query, raw.query),
        body: checked('body', body, raw.body),
      };
      const answer = await handler({ ...input, ...facts });
      const result = response.safeParse(answer);
      if (result.success) return result.data;
      // A mistake of ours, not of the caller: error-answer.ts makes it a 500 and the log gets the reason.
      throw new TypeError(
        `answer of ${definition.method} ${definition.path} is not what it promises: ${firstProblem(result.error)}`,
      );
    },
  };
}

/** @throws ControllerError input_invalid with every field that is wrong. */
function checked<S extends z.ZodType>(where: string, schema: S | undefined, raw: unknown): z.output<S> {
  // Without a schema nothing is handed on, so that no handler can read unchecked input.
  if (schema === undefined) return undefined as z.output<S>;
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 10)
    .map((issue) => `${[where, ...issue.path].map(String).join('.')}: ${issue.message}`);
  throw new ControllerError('input_invalid', problems.join('; '), { cause: result.error });
}

const firstProblem = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return `${(issue?.path ?? []).map(String).join('.')}: ${issue?.message ?? 'invalid'}`;
};

/** For answers without a body. */
export const nothing = z.undefined();

/** What a handler with a `contentType` answers with where text is not enough. Nothing: with a status set (304), an empty answer. */
export type RawBody = string | Uint8Array | Readable | undefined;
export const rawBody = z.custom<RawBody>(() => true).meta({ type: 'string', format: 'binary' });

/** What a handler answers with after `handOver`. */
export const handedOver = Symbol('handed over');
