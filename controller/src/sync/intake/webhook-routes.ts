// Where the webhook plugin of each server sends to. A hook is read, committed, answered; whatever must be looked up comes later.
import { z } from 'zod';
import { ControllerError, messageOf } from '../../errors.ts';
import { type RequestFacts, type Route, route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import type { HookSecrets } from './hook-secrets.ts';
import type { InboxStore } from './inbox-store.ts';
import { type Report, readHook, uselessBecause } from './webhook-payload.ts';

export type WebhookRoutesDeps = {
  readonly secrets: HookSecrets;
  readonly inbox: Pick<InboxStore, 'add'>;
  /** Why this server's report is not wanted, e.g. since all that it says is switched off; null takes it. */
  readonly unwanted: (server: string, report: Report) => string | null;
  /** Something of this server waits in the inbox. */
  readonly onAdded: (server: string) => void;
  /** All that is not delivered yet, and whether somebody works on it. */
  readonly queue: () => { readonly pending: number; readonly running: boolean };
  /** UTC ms. */
  readonly now: () => number;
  readonly log: Log;
};

/** The plugin's largest are 12 kB. */
const MAX_BODY_BYTES = 256 * 1024;

const tags = ['sync'];

export const webhookRoutes = (deps: WebhookRoutesDeps): readonly Route[] => [
  receiver(deps),
  route({
    method: 'get',
    path: '/webhook/test',
    summary: 'Whether hooks can be received',
    tags,
    access: 'public',
    response: z.object({ status: z.literal('ok'), message: z.string() }),
    handler: () => ({ status: 'ok' as const, message: 'Webhook receiver is running' }),
  }),
  route({
    method: 'get',
    path: '/webhook/queue',
    summary: 'How much is still to be delivered',
    tags,
    access: 'read',
    response: z.object({ pending_events: z.number(), worker_running: z.boolean() }),
    handler: () => {
      const { pending, running } = deps.queue();
      return { pending_events: pending, worker_running: running };
    },
  }),
];

const receiver = (deps: WebhookRoutesDeps): Route => {
  const { secrets, inbox, unwanted, onAdded, now } = deps;
  const tell = createTelling(deps.log);
  return route({
    method: 'post',
    path: '/webhook/:server',
    summary: "Takes a hook of Jellyfin's webhook plugin",
    description:
      'The server’s secret goes into the header X-Headgate-Secret or into Authorization: Bearer. The body is what the plugin sends with "Send All Properties", or a template’s JSON, of any content type.',
    tags,
    access: 'public',
    params: z.object({ server: z.string().max(64) }),
    query: z.object({ secret: z.string().max(4_096).optional() }),
    text: { maxBytes: MAX_BODY_BYTES },
    body: z.string(),
    response: z.object({
      status: z.enum(['enqueued', 'skipped']),
      events_enqueued: z.number().optional(),
      reason: z.string().optional(),
    }),
    async handler({ params: { server }, query, body, header }) {
      if (!secrets.knows(server)) throw new ControllerError('not_found', `Unknown server: ${server}`);
      const given = secretIn(header) ?? (secrets.mayBeInUrl(server) ? (query.secret ?? null) : null);
      if (given === null || !secrets.isRight(server, given)) {
        tell.stranger(server);
        throw new ControllerError(
          'unauthenticated',
          'the secret of this server is missing or wrong; it goes into X-Headgate-Secret',
        );
      }
      const hook = readHook(body);
      if ('problem' in hook) {
        tell.refused(server, hook.problem);
        throw new ControllerError('input_invalid', hook.problem);
      }
      const { report, kept } = hook.ok;
      const reason = uselessBecause(report) ?? unwanted(server, report);
      if (reason === null) {
        await inbox.add({ server, receivedMs: now(), body: kept }).catch((error: unknown) => {
          tell.refused(server, messageOf(error));
          throw error;
        });
        onAdded(server);
      }
      tell.taken(server);
      return reason === null ? { status: 'enqueued' as const, events_enqueued: 1 } : { status: 'skipped' as const, reason };
    },
  });
};

function secretIn(header: RequestFacts['header']): string | null {
  const own = header('x-headgate-secret');
  if (own !== null) return own;
  return /^Bearer +(\S+)$/i.exec(header('authorization') ?? '')?.[1] ?? null;
}

/** The plugin sends nothing again and tells nobody: one line when hooks of a server begin to fail, one when they are right again. */
function createTelling(log: Log) {
  const failing = new Set<string>();
  const strangers = new Set<string>();
  return {
    /** Anybody can send without a secret: once in a run is enough. */
    stranger(server: string): void {
      if (strangers.has(server)) return;
      strangers.add(server);
      log.warn({ server }, 'a hook for this server came with a wrong secret, or none');
    },
    refused(server: string, problem: string): void {
      if (failing.has(server)) return;
      failing.add(server);
      log.warn({ server, problem }, 'a hook of this server was refused');
    },
    taken(server: string): void {
      if (failing.delete(server)) log.info({ server }, 'hooks of this server are taken again');
    },
  };
}
