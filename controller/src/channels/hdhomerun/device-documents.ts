// Pure: what an HDHomeRun tells about itself and its channels, as Plex, Emby and Jellyfin read it (facts/channels.md §4.2).
import type { Channel } from '../channel.ts';
import { plainLine, xmlText } from '../guide/xml-text.ts';

export type Device = {
  readonly id: string;
  readonly name: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly tunerCount: number;
};

/** Not one with "hdtc" in it: Jellyfin would believe that the tuner transcodes, and offer six sources that are not there. */
const MODEL = 'HDHR5-4DT';
const FIRMWARE = { name: 'hdhomerun5_dvbt', version: '20260101' };

export const discoverJson = ({ id, name, baseUrl, tunerCount }: Device) => ({
  FriendlyName: name,
  Manufacturer: 'Headgate',
  ModelNumber: MODEL,
  FirmwareName: FIRMWARE.name,
  FirmwareVersion: FIRMWARE.version,
  DeviceID: id,
  DeviceAuth: 'headgate',
  BaseURL: baseUrl,
  LineupURL: `${baseUrl}/lineup.json`,
  TunerCount: tunerCount,
});

/** Never scanning: the list is always whole. */
export const lineupStatusJson = { ScanInProgress: 0, ScanPossible: 1, Source: 'Cable', SourceList: ['Cable'] };

/** @param channels those that are on, in order. */
export const lineupJson = (channels: readonly Channel[], baseUrl: string) =>
  channels.map(({ id, name, number, look }) => ({
    GuideNumber: number,
    GuideName: plainLine(name) || `Channel ${number}`,
    // By id, so that a new number does not move a stream.
    URL: `${baseUrl}/stream/${id}.ts`,
    VideoCodec: 'H264',
    AudioCodec: 'AAC',
    HD: look.size === 'large' ? 1 : 0,
  }));

export const deviceXml = ({ id, name, baseUrl }: Device): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
<URLBase>${xmlText(baseUrl)}</URLBase>
<device>
<deviceType>urn:schemas-upnp-org:device:MediaServer:1</deviceType>
<friendlyName>${xmlText(name)}</friendlyName>
<manufacturer>Headgate</manufacturer>
<modelName>${MODEL}</modelName>
<modelNumber>${MODEL}</modelNumber>
<serialNumber>${id}</serialNumber>
<UDN>uuid:${id.toLowerCase()}-0000-4000-8000-000000000000</UDN>
</device>
</root>
`;
