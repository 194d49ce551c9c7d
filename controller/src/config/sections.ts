// Every section of the configuration, each in a file of its own.
export { bandwidthSection, viewersSection } from './schema-bandwidth.ts';
export { channelsSection } from './schema-channels.ts';
export { dataCapSection } from './schema-data-cap.ts';
export { distributionSection } from './schema-distribution.ts';
export { torrentClientsSection, torrentsSection } from './schema-download-clients.ts';
export { authSection, databaseSection, homeSection, httpSection, loggingSection } from './schema-house.ts';
export { mediaServersSection } from './schema-media-servers.ts';
export { homeAssistantSection, mqttSection } from './schema-mqtt.ts';
export { networkSection, uplinkSection } from './schema-network.ts';
export { notificationsSection } from './schema-notifications.ts';
export { rehearsalSection } from './schema-rehearsal.ts';
export { shaperSection } from './schema-shaper.ts';
export { syncSection } from './schema-sync.ts';
