import { resume, suspend } from './group-states.ts';
import { rollOut } from '../support/rollout.ts';
import { unhurried } from '../support/unhurried.ts';
import { deployed, refused, rolledBack } from './cases.ts';
import type { Case } from './cases.ts';

/** Checkpoints, bake time, alarms, timeout and matching, through the built action. */

const hang = { secondsToHealthy: 36_000 };

const pauses: Case[] = [
  {
    title: 'checkpoints with a delay',
    run: { inputs: { checkpoints: '50, 100', 'checkpoint-delay': '9000', timeout: '20000' } },
    ends: deployed(),
    says: [/2 batches/, /of which 2 h 30 min are checkpoint delay/, /50 %.*1 of 2 on version 2/],
  },
  {
    title: 'a last checkpoint below 100',
    run: { inputs: { checkpoints: '50', 'checkpoint-delay': '0' } },
    ends: deployed({ status: 'partly-replaced', versions: { '1': 1, '2': 1 } }),
    says: [/the last checkpoint is below 100: 1 instances? keep/, /the fleet is partly replaced/],
  },
  {
    title: 'what a checkpoint left is replaced by the next run, and only that',
    before: (service) =>
      rollOut(service, { inputs: { checkpoints: '50', 'checkpoint-delay': '0', 'skip-matching': 'true' } }),
    run: { inputs: { 'skip-matching': 'true' } },
    ends: deployed({ refreshes: ['Successful', 'Successful'] }),
    says: [/ {2}1 instance, launch before terminate/],
  },
  {
    title: 'without skip-matching everything is replaced',
    before: (service) => rollOut(service, { inputs: { checkpoints: '50', 'checkpoint-delay': '0' } }),
    run: { inputs: { 'skip-matching': 'false' } },
    ends: deployed({ refreshes: ['Successful', 'Successful'] }),
    says: [/ {2}2 instances, launch before terminate/],
  },
  {
    title: 'a bake time',
    run: { inputs: { 'bake-time': '9000', timeout: '20000' } },
    ends: deployed(),
    says: [/all instances replaced; watching the alarms \(bake time\): 2 of 2 on version 2/],
  },
  {
    title: 'an alarm in the bake time',
    service: { alarms: ['baked-errors'] },
    run: (service) => ({
      inputs: { 'bake-time': '10000', timeout: '20000' },
      when: [[/bake time\): 2 of 2/, () => service.fleet.alarm('baked-errors', 'ALARM')]],
    }),
    ends: rolledBack('alarm'),
    says: [/the new version set off the alarm baked-errors/, /both instances run version 1 again/],
  },
  {
    title: 'a version that runs already',
    run: { version: 1 },
    ends: deployed({ status: 'unchanged', refreshes: [], versions: { '1': 2 }, saved: '1' }),
    says: [/2 of 2 instances run version 1 and are healthy: nothing to roll out/],
  },
  {
    title: 'a timeout',
    run: (service) => ({
      inputs: { timeout: '60', 'instance-warmup': '2000' },
      when: [
        [/started instance refresh/, () => suspend(service, 'InstanceRefresh')],
        [/rolling back to version 1/, () => resume(service)],
      ],
    }),
    ends: rolledBack('timeout'),
    says: [
      /the rollout took longer than its timeout of 1 min, at \d+ %/,
      /most likely: .*InstanceRefresh suspended on the group/,
    ],
  },
];

const alarms: Case[] = [
  {
    title: 'an alarm that is in ALARM before: it does not stand in the way of a repair',
    before: (service) => service.fleet.alarm('ringing', 'ALARM'),
    run: { inputs: { alarms: 'ringing' } },
    ends: deployed(),
    says: [/Warning: the alarm ringing is in state ALARM already and does not guard this rollout/],
  },
  {
    title: 'no alarms, though the Terraform root names one',
    service: { drain: 10, alarms: ['unwanted'] },
    run: (service) => ({
      inputs: { alarms: 'none' },
      when: [[/started instance refresh/, () => service.fleet.alarm('unwanted', 'ALARM')]],
    }),
    ends: deployed(),
    says: [/version 2 .* runs on 2 instances/],
  },
  {
    title: 'an alarm without data before',
    before: (service) => service.fleet.alarm('young', 'INSUFFICIENT_DATA'),
    run: { inputs: { alarms: 'young' } },
    ends: refused('preflight'),
    says: [/the alarm young is in state INSUFFICIENT_DATA/, /let it treat missing data as not breaching/],
  },
  {
    title: 'an alarm that there is not',
    run: { inputs: { alarms: 'nobodys' } },
    ends: refused('preflight'),
    says: [/there is no alarm nobodys in this region and account/],
  },
  {
    title: "an alarm of the Terraform root's without data",
    service: { alarms: ['roots-young'] },
    before: (service) => service.fleet.alarm('roots-young', 'INSUFFICIENT_DATA'),
    ends: deployed(),
    says: [/Warning: the alarm roots-young of the Terraform root has no data yet/],
  },
  {
    title: 'an alarm that has no data for a while: AWS waits, and it is said',
    service: { ...unhurried.service, alarms: ['paused'] },
    before: unhurried.before,
    run: (service) => ({
      when: [
        [/started instance refresh/, () => service.fleet.alarm('paused', 'INSUFFICIENT_DATA')],
        [/Waiting for data: CloudWatch alarm paused/, () => service.fleet.alarm('paused', 'OK')],
      ],
    }),
    ends: deployed(),
    says: [/no change for .*: AWS says: Waiting for data: CloudWatch alarm paused/],
  },
  {
    title: 'an alarm without auto-rollback',
    service: { drain: 10, alarms: ['unguarded'], group: { HealthCheckGracePeriod: 36_000 } },
    before: (service) => service.fault(hang),
    run: (service) => ({
      inputs: { 'auto-rollback': 'false' },
      when: [[/started instance refresh/, () => service.fleet.alarm('unguarded', 'ALARM')]],
    }),
    ends: {
      ...refused('alarm', { refreshes: ['Failed'] }),
      // What AWS had launched on top goes, since nothing wants it any more.
      versions: { '1': 2 },
    },
    says: [/the new version set off the alarm unguarded/, /instances run version/],
  },
];

export const settings: Case[] = [...pauses, ...alarms];
