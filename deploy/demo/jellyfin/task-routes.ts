// /ScheduledTasks: what runs, and starting and cancelling it by hand.
import { json, noContent, refusals } from './answer.ts';
import { parseId } from './identity.ts';
import type { Route } from './route-table.ts';
import type { ScheduledTasks } from './scheduled-tasks.ts';

export function taskRoutes(tasks: ScheduledTasks): Route[] {
  const found = (known: boolean) => {
    if (!known) throw refusals.notFound();
    return noContent;
  };
  return [
    { method: 'GET', path: '/ScheduledTasks', access: 'admin', handle: () => json(tasks.list()) },
    {
      method: 'GET',
      path: '/ScheduledTasks/{id}',
      access: 'admin',
      handle(exchange) {
        const task = tasks.list().find(({ Id }) => Id === parseId(exchange.params['id']));
        if (!task) throw refusals.notFound();
        return json(task);
      },
    },
    {
      method: 'POST',
      path: '/ScheduledTasks/Running/{id}',
      access: 'admin',
      handle: (exchange) => found(tasks.run(parseId(exchange.params['id']))),
    },
    {
      method: 'DELETE',
      path: '/ScheduledTasks/Running/{id}',
      access: 'admin',
      handle: (exchange) => found(tasks.cancel(parseId(exchange.params['id']))),
    },
  ];
}
