// The feature over HTTP: look at it, steer it.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { nothing, type Route, route } from '../http/route.ts';
import type { Bandwidth } from './bandwidth.ts';
import { bandwidthView, boostBody, linePartView, overrideBody, pauseBody, settingsBody, streamView } from './bandwidth-api.ts';
import { viewBandwidth, viewStream } from './bandwidth-view.ts';
import { decisionRoutes } from './decision-routes.ts';
import { lineParts } from './line-parts.ts';
import { overrideOf, pauseFor } from './override-input.ts';

const tags = ['bandwidth'];
const MBIT = 1_000_000;

export function bandwidthRoutes(bandwidth: Bandwidth, clock: Clock): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/bandwidth',
      summary: 'Budget, caps and why they are what they are',
      tags,
      access: 'read',
      response: bandwidthView,
      handler: () => viewBandwidth(bandwidth.status(), clock.now()),
    }),
    route({
      method: 'get',
      path: '/api/bandwidth/streams',
      summary: 'What plays now, where, and how much of the uplink it takes',
      tags,
      access: 'read',
      response: z.array(streamView),
      handler: () => bandwidth.status().streams.map(viewStream),
    }),
    route({
      method: 'get',
      path: '/api/bandwidth/uplink',
      summary: 'Everything that draws on the uplink, under one budget: class, rate, limit and reason',
      tags,
      access: 'read',
      response: z.array(linePartView),
      handler: () =>
        lineParts(bandwidth.status()).map(({ takesBps, mayBps, ...rest }) => ({ ...rest, takes_bps: takesBps, may_bps: mayBps })),
    }),
    ...decisionRoutes(bandwidth),
    ...steering(bandwidth, clock),
  ];
}

function steering(bandwidth: Bandwidth, clock: Clock): readonly Route[] {
  return [
    route({
      method: 'patch',
      path: '/api/bandwidth/settings',
      summary: 'Switch on or off, rehearse, choose the algorithm, the reserve or the capacity',
      tags,
      access: 'write',
      body: settingsBody,
      response: bandwidthView,
      async handler({ body, caller }) {
        await bandwidth.change(
          {
            ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
            ...(body.dry_run === undefined ? {} : { dryRun: body.dry_run }),
            ...(body.algorithm === undefined ? {} : { algorithm: body.algorithm }),
            ...(body.reserve_percent === undefined ? {} : { reserve: { percent: body.reserve_percent } }),
            ...(body.capacity_mbps === undefined
              ? {}
              : { capacityUpBps: body.capacity_mbps === 0 ? null : Math.round(body.capacity_mbps * MBIT) }),
          },
          caller.name,
        );
        return viewBandwidth(bandwidth.status(), clock.now());
      },
    }),
    route({
      method: 'post',
      path: '/api/bandwidth/pause',
      summary: 'Rule nothing for a time: everything is as its owner had it',
      tags,
      access: 'write',
      body: pauseBody,
      response: bandwidthView,
      async handler({ body: { minutes }, caller }) {
        await bandwidth.override(pauseFor(minutes, clock.now()), caller.name);
        return viewBandwidth(bandwidth.status(), clock.now());
      },
    }),
    route({
      method: 'post',
      path: '/api/bandwidth/override',
      summary: 'Other settings for a time, over the configuration, its schedule and what was changed for good',
      tags,
      access: 'write',
      body: overrideBody,
      response: bandwidthView,
      async handler({ body, caller }) {
        await bandwidth.override(overrideOf(body, clock.now()), caller.name);
        return viewBandwidth(bandwidth.status(), clock.now());
      },
    }),
    ...exceptions(bandwidth, clock),
  ];
}

function exceptions(bandwidth: Bandwidth, clock: Clock): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/api/bandwidth/boost',
      summary: 'Raise one viewer above the others for a time',
      tags,
      access: 'write',
      body: boostBody,
      response: nothing,
      async handler({ body: { viewer, minutes, mbps }, caller }) {
        await bandwidth.boost(
          { viewer, bps: mbps === undefined ? null : Math.round(mbps * MBIT), until: clock.now() + minutes * 60_000 },
          caller.name,
        );
        return undefined;
      },
    }),
    route({
      method: 'post',
      path: '/api/bandwidth/restore',
      summary: 'Put every limit back to what it was before Headgate, and stay switched off',
      tags,
      access: 'write',
      response: z.object({ not_restored: z.array(z.string()) }),
      handler: async ({ caller }) => ({ not_restored: [...(await bandwidth.restoreNow(caller.name))] }),
    }),
  ];
}
