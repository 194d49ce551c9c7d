// The few fields that we read of Deluge's answers. Pure.
import { z } from 'zod';

/** Of every answer of deluge-web: a result, or what went wrong. */
export const rpcAnswer = z.object({
  result: z.unknown(),
  error: z.object({ code: z.number(), message: z.string() }).nullish(),
});

/** web.get_hosts: id, address, port, and more that is not ours. */
export const hostList = z.array(
  z.tuple([z.string(), z.string(), z.number()], z.unknown()).transform(([id, address, port]) => ({ id, address, port })),
);

/** web.get_config: the host that deluge-web connects to when it starts; empty for none. */
export const webConfig = z.object({ default_daemon: z.string().optional() });

/** core.get_session_status: bytes/s over the last 2 s, without protocol overhead. */
export const sessionStatus = z.object({ payload_upload_rate: z.number(), payload_download_rate: z.number() });

/** core.get_config_values: KiB/s; 0 and less is none, and -1 is how Deluge itself spells it. A key that it does not know is null. */
export const limitValues = z.object({
  max_upload_speed: z.number(),
  max_download_speed: z.number(),
  ignore_limits_on_local_network: z.boolean().nullish(),
});

/** core.get_torrents_status: by info hash. */
export const torrentsById = z.record(z.string(), z.unknown());

/** daemon.get_version: "2.0.3", "2.1.1", "2.2.1.dev0". */
export const versionText = /^(\d+)\.\d+[\w.+-]{0,40}$/;
