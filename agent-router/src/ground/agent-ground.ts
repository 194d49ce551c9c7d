// What every agent stands on, for the other agents: time, log, errors, configuration, checks, and the way to the broker. Nothing of a router is here.
export { brokerOptions } from './broker-options.ts';
export { type Check, checkBroker, checkConfig, runEach } from './checks.ts';
export { type Clock, systemClock } from './clock.ts';
export { brokerSection, logSection, port, sectionKeys, text } from './config-sections.ts';
export { AgentError, type GroundErrorCode, messageOf } from './errors.ts';
export { type Log, silentLog, stderrLog } from './log.ts';
export { createMqttPort, type MqttOptions, type MqttPort } from './mqtt-port.ts';
export { createPublisher } from './publisher.ts';
export { type Environment, type EnvironmentKeys, readConfig } from './read-config.ts';
