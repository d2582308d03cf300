import { expect } from '@jest/globals';
import type { Service } from '../support/fleet.ts';
import { expectGranted } from '../support/granted.ts';
import { both, command, onBlue, onGreen, to, version, type Case } from './cases.ts';

/** A key of its own, by which its calls are found. */
const roller = { environment: { AWS_ACCESS_KEY_ID: 'blue-green-roller' } };

/** Whole courses, and what people do in the middle of them. */

const sizes: Case[] = [1, 3, 100].map((instances) => ({
  title: `${instances} instances get through by steps`,
  service: { instances },
  steps: [
    {
      run: to(version.good),
      ends: 'deployed',
      there: onGreen(version.good, instances),
      says: [
        /Rollout forecast/,
        /requests by steps: 10 %, 50 %, 100 %/,
        /weights: 10 % to bg-\d+-dev-green \(version 2\), 90 % to bg-\d+-dev/,
        /judged at 10 %: good/,
        /judged at 50 %: good/,
        /bg-\d+-dev is emptied/,
      ],
    },
  ],
}));

const bad: Case[] = [
  {
    title: 'a version that fails 3 % of the requests is stopped at the first step',
    steps: [
      {
        run: to(version.failing),
        ends: 'judged-worse',
        there: onBlue(1),
        says: [
          /judged at 10 %: bad: \d(\.\d)? % of [\d,]+ requests failed/,
          /all requests go to bg-\d+-dev \(version 1\) again, [\d.]+ s after the verdict/,
          /rolled back: both instances run version 1 again/,
        ],
      },
    ],
  },
  {
    title: 'a version that is slow is stopped at the first step',
    steps: [{ run: to(version.slow), ends: 'judged-worse', there: onBlue(1), says: [/judged at 10 %: bad/] }],
  },
  {
    title: 'a version that never comes up gets no request',
    before: (service) =>
      service.fleet.control.fault({
        fleet: { group: `${service.group}-green`, templateVersion: version.dead, bootFailure: 'pull' },
      }),
    steps: [
      {
        run: to(version.dead),
        ends: 'boot-failed',
        there: onBlue(1),
        says: [/the image can't be pulled/, /rolled back: both instances run version 1 again/],
      },
    ],
  },
];

const few = { 'traffic-steps': '1, 100', 'step-time': '60' };
const unsure: Case[] = [
  {
    title: 'too few requests are gone on with where on-inconclusive says so',
    steps: [
      {
        run: to(version.good, few),
        ends: 'deployed',
        there: onGreen(version.good),
        says: [/judged at 1 %: inconclusive, and going on as on-inconclusive says/],
      },
    ],
  },
  {
    title: 'too few requests take the version back where on-inconclusive says so',
    steps: [
      {
        run: to(version.good, { ...few, 'on-inconclusive': 'roll-back' }),
        ends: 'inconclusive',
        there: onBlue(1),
        says: [/nobody can tell whether the new version is as good as the one before/],
      },
    ],
  },
  {
    title: 'too few requests are waited for where on-inconclusive says so',
    steps: [
      {
        run: to(version.good, { ...few, 'on-inconclusive': 'wait', timeout: '7200' }),
        ends: 'deployed',
        there: onGreen(version.good),
        says: [/inconclusive at 1 %: .*; waiting for more/, /judged at 1 %: good/],
      },
    ],
  },
];

const people: Case[] = [
  {
    title: 'a pause is seen by status, passed by promote, and rollback finds the version before',
    steps: [
      {
        run: to(version.good, { 'pause-at': '10' }),
        ends: 'paused',
        there: both([90, 10], 1, version.good),
        says: [
          /Paused bg-\d+ in dev: version 2 .* has 10 % of the requests. The command promote goes on, abort takes it back/,
        ],
      },
      {
        run: command('status'),
        ends: 'reported',
        there: both([90, 10], 1, version.good),
        says: [
          /bg-\d+-dev-green \(version 2\) has 10 % of the requests/,
          /bg-\d+-dev-green +version 2 +10 % of the requests +2 of 2 healthy/,
          /the command promote goes on with it, abort takes it back/,
        ],
      },
      {
        run: command('promote', { 'traffic-steps': '10, 100' }),
        ends: 'deployed',
        there: onGreen(version.good),
        says: [/Going on with version 2/],
      },
      {
        run: command('rollback'),
        ends: 'deployed',
        there: onBlue(1),
        says: [/Rolling back to version 1: the last one before that was rolled out successfully/],
      },
    ],
  },
  {
    title: 'a pause is taken back by abort, and there is nothing to abort or promote afterwards',
    steps: [
      { run: to(version.good, { 'pause-at': '10' }), ends: 'paused', there: both([90, 10], 1, version.good) },
      {
        run: to(version.next, { 'on-active-refresh': 'fail' }),
        ends: 'refresh-active',
        there: both([90, 10], 1, version.good),
        says: [/a rollout of version 2 is under way/],
      },
      {
        run: command('abort'),
        ends: 'aborted',
        there: onBlue(1),
        says: [/Took the rollout of bg-\d+ in dev back: both instances run version 1 again/],
      },
      { run: command('abort'), ends: 'unchanged', there: onBlue(1), says: [/Nothing to take back/] },
      {
        run: command('promote'),
        ends: 'preflight',
        there: onBlue(1),
        says: [/there is nothing to go on with/],
      },
    ],
  },
  {
    title: 'an old fleet that is kept is gone back to in one change of the weights',
    steps: [
      {
        run: to(version.good, { 'keep-previous': 'true', 'traffic-steps': '100' }),
        ends: 'deployed',
        there: both([0, 100], 1, version.good),
        says: [/bg-\d+-dev stays up with 2 instances, as keep-previous says/],
      },
      {
        run: command('rollback'),
        ends: 'deployed',
        there: onBlue(1),
        says: [/Rolling back to version 1: it is still up in bg-\d+-dev/, /which are up/],
      },
    ],
  },
];

const granted: Case[] = [
  {
    title: 'nothing is called that modules/rollout-policy does not grant, there and back',
    steps: [
      {
        run: { ...to(version.good, { 'pause-at': '10' }), ...roller },
        ends: 'paused',
        there: both([90, 10], 1, version.good),
      },
      { run: { ...command('abort'), ...roller }, ends: 'aborted', there: onBlue(1) },
    ],
    async after({ fleet }) {
      const { needed } = await expectGranted(fleet, 'blue-green-roller');
      expect(needed).toContain('elasticloadbalancing:ModifyRule');
    },
  },
];

const refused: Case[] = [
  {
    title: 'inputs for another strategy are refused before anything is touched',
    steps: [
      {
        run: to(version.good, {
          'traffic-steps': '',
          'step-time': '',
          checkpoints: '50, 100',
          'checkpoint-delay': '0',
        }),
        ends: 'input-invalid',
        there: onBlue(1),
        says: [/is made for/],
      },
      {
        run: to(version.good, { 'traffic-steps': '', 'step-time': '', strategy: 'rolling' }),
        ends: 'input-invalid',
        there: onBlue(1),
        says: [/strategy is "rolling", and the Terraform root of this environment is made for blue-green/],
      },
    ],
  },
];

/** A thousand instances; each of the other tables has two or three. */
export const thousand: Case[] = [
  {
    title: '1,000 instances get through by steps',
    service: { instances: 1000 },
    steps: [{ run: to(version.good), ends: 'deployed', there: onGreen(version.good, 1000) }],
  },
  {
    title: '1,000 instances of a version that fails 3 % of the requests are taken back',
    service: { instances: 1000 },
    steps: [
      {
        run: to(version.failing),
        ends: 'judged-worse',
        there: onBlue(1, 1000),
        says: [/rolled back: all 1000 instances run version 1 again/],
      },
    ],
  },
];

const [ofG, ofF] = ['L-DB2E81BA', 'L-74FC7D96'];

/** Each with instance types of its own: the account has one quota for all services. */
const quotas: Case[] = [
  {
    title:
      "a quota that can't hold both fleets is refused before it starts, and raised as it is said gets through",
    service: { instanceType: 'g4dn.xlarge' },
    before: ({ fleet }) => fleet.control.quota(ofG, 12),
    steps: [
      {
        run: to(version.good, { 'traffic-steps': '100' }),
        ends: 'preflight',
        there: onBlue(1),
        says: [
          /quota "Running On-Demand G and VT instances" can't hold both fleets: of 12 vCPUs 8 run already, and 2 more instances \(g4dn\.xlarge\) need 8/,
          /request-service-quota-increase --region eu-north-1 --service-code ec2 --quota-code L-DB2E81BA --desired-value 16/,
        ],
      },
      {
        before: ({ fleet }) => fleet.control.quota(ofG, 16),
        run: to(version.good, { 'traffic-steps': '100' }),
        ends: 'deployed',
        there: onGreen(version.good),
      },
    ],
  },
  {
    title: 'a role that may not ask for the quota is told so once, and held up by nothing',
    service: { instanceType: 'f1.2xlarge' },
    before: ({ fleet }) =>
      fleet.control.fault({
        ...{ service: 'servicequotas', operation: 'GetServiceQuota', parameters: { QuotaCode: ofF } },
        ...{
          error: 'AccessDeniedException',
          message: 'not authorized to perform: servicequotas:GetServiceQuota',
        },
      }),
    steps: [
      {
        run: to(version.good, { 'traffic-steps': '100' }),
        ends: 'deployed',
        there: onGreen(version.good),
        says: [
          /^(?![\s\S]*may not see whether[\s\S]*may not see whether)[\s\S]*the deploy role may not see whether the quota of vCPUs holds both fleets \(AccessDeniedException: [^)]*servicequotas:GetServiceQuota\)/,
        ],
      },
    ],
  },
];

const ruleOf = ({ outputs }: Service): string =>
  (outputs.blue_green as { listener_rule_arn: string }).listener_rule_arn;

const callFault = (
  { fleet }: Service,
  parameters: Record<string, string>,
  fault: Record<string, unknown>,
): Promise<void> => {
  const [service, operation] =
    'RuleArn' in parameters
      ? ['elasticloadbalancing', 'ModifyRule']
      : ['autoscaling', 'UpdateAutoScalingGroup'];
  return fleet.control.fault({ service, operation, parameters, ...fault });
};

const lost: Case[] = [
  {
    title: 'sizes and weights whose answers are lost are set once, and seen',
    before: async (service) => {
      for (const AutoScalingGroupName of [service.group, `${service.group}-green`])
        await callFault(service, { AutoScalingGroupName }, { lost: true, times: 4 });
      await callFault(service, { RuleArn: ruleOf(service) }, { lost: true, times: 4 });
    },
    steps: [
      {
        run: to(version.good, { 'traffic-steps': '100' }),
        ends: 'deployed',
        there: onGreen(version.good),
      },
    ],
  },
  {
    title:
      'a role that may not change the weights any more leaves both fleets, and the same deployment goes on',
    steps: [
      {
        before: (service) =>
          callFault(service, { RuleArn: ruleOf(service) }, { error: 'AccessDenied', status: 403 }),
        run: to(version.good, { 'traffic-steps': '100' }),
        ends: 'credentials',
        there: both([100, 0], 1, version.good),
        says: [
          /the deploy role may not change the weights/,
          /left: both groups and the weights stay as they are now/,
        ],
      },
      {
        run: to(version.good, { 'traffic-steps': '100' }),
        ends: 'deployed',
        there: onGreen(version.good),
      },
    ],
  },
];

export const courses: Case[] = [
  ...[...sizes, ...bad, ...unsure, ...people],
  ...[...granted, ...refused, ...quotas, ...lost],
];
