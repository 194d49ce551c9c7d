// What every agent stands on, for the other agents: time, log, errors, and the way to the broker. Nothing of a router is here.
export { type Clock, systemClock } from './clock.ts';
export { AgentError, type GroundErrorCode, messageOf } from './errors.ts';
export { createLog, type Log, silentLog } from './log.ts';
export { createMqttPort, type MqttOptions, type MqttPort } from './mqtt-port.ts';
export { createPublisher } from './publisher.ts';
