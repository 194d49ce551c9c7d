// Pure: what Home Assistant shows of the whole home: the line, what is left of it, and who takes how much.
import { binary, type Components, count, rate, type Source, sensor } from './component.ts';
import { onOff } from './device.ts';

export const totalEntities = (source: Source): Components => ({
  mode: sensor(source, 'mode', 'Mode', {
    device_class: 'enum',
    options: ['idle', 'streaming', 'safe', 'off', 'unknown'],
    icon: 'mdi:gate',
  }),
  wan_up_bps: rate(source, 'wan_up_bps', 'Upload'),
  wan_down_bps: rate(source, 'wan_down_bps', 'Download'),
  headroom_bps: rate(source, 'headroom_bps', 'Upload headroom'),
  capacity_up_bps: rate(source, 'capacity_up_bps', 'Upload capacity'),
  budget_bps: rate(source, 'budget_bps', 'Viewer budget'),
  other_bps: rate(source, 'other_bps', 'Other traffic'),
  remote_demand_bps: rate(source, 'remote_demand_bps', 'Remote demand'),
  torrent_up_bps: rate(source, 'torrent_up_bps', 'Torrent upload'),
  torrent_limit_bps: rate(source, 'torrent_limit_bps', 'Torrent limit'),
  torrent_down_bps: rate(source, 'torrent_down_bps', 'Torrent download'),
  download_limit_bps: rate(source, 'download_limit_bps', 'Download limit'),
  torrents_paused: binary(source, 'torrents_paused', 'Torrents paused', {
    value_template: onOff('torrents_paused'),
    icon: 'mdi:pause-circle-outline',
  }),
  streams: count(source, 'streams', 'Streams'),
  remote_streams: count(source, 'remote_streams', 'Remote streams'),
});
