import { SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { expect } from '@jest/globals';
import type { Service } from '../support/fleet.ts';
import { deployed, refused } from './cases.ts';
import type { Case } from './cases.ts';

/** What has to be seen before a success is reported, the form of what is told, and groups of every kind. */

const scaleToZero = (service: Service) =>
  service.fleet.autoScaling.send(
    new SetDesiredCapacityCommand({ AutoScalingGroupName: service.group, DesiredCapacity: 0 }),
  );

const scaledToZero = async (service: Service) => {
  await scaleToZero(service);
  await service.settle(0);
};

const empty = deployed({ status: 'no-instances', versions: {} });
const behindLoadBalancer = { drain: 10 };

const nothing: Case[] = [
  {
    title: 'onto a group that wants 0 instances saves the version, and says no more',
    service: behindLoadBalancer,
    before: scaledToZero,
    ends: empty,
    says: [
      /Warning: nothing was seen to serve: the group \S+ wants 0 instances/,
      /Saved for case-\d+ in dev: version 2 .*is what the group launches next\. Nothing was seen to serve/,
    ],
  },
  {
    title: 'onto a group that wants 0 instances and has the version says so again',
    service: behindLoadBalancer,
    before: scaledToZero,
    run: { version: 1, inputs: { 'smoke-test-path': '/' } },
    ends: { ...empty, refreshes: [], saved: '1' },
    says: [/Nothing was seen to serve/, /Health and smoke test could not be looked at/],
  },
  {
    title: 'of a group that is scaled to 0 meanwhile is no success',
    service: { drain: 10, group: { HealthCheckGracePeriod: 36_000 } },
    before: (service) => service.fault({ secondsToHealthy: 2000 }),
    run: (service) => ({ when: [[/started instance refresh/, () => scaleToZero(service)]] }),
    ends: deployed({ exit: 1, status: 'failed', reason: 'no-instances', versions: {} }),
    says: [
      /no instance was seen to serve: \S+ has none, and its desired capacity went from 2 to 0 meanwhile/,
    ],
  },
];

const forms: Case[] = [
  {
    title: "names the application's image, and not that of a sidecar before it",
    service: { sidecar: `public.ecr.aws/proxy/envoy@sha256:${'f'.repeat(64)}` },
    ends: deployed(),
    says: [/version 1 → 2 \(image sha256:0{12}…\)/, /version 2 \(image sha256:0{8}…\) runs on 2 instances/],
    after: (_service, { outputs }) => {
      expect(outputs.image).toBe(`registry.example.com/shop@sha256:${'2'.padStart(64, '0')}`);
    },
  },
  {
    title: 'is not begun with an address that has no scheme',
    before: (service) => service.setOutputs({ url: 'shop.example' }),
    ends: refused('terraform-contract'),
    says: [
      /it is "shop\.example", which has no scheme/,
      /for example: output "url" \{ value = "https:/,
      /Nothing was touched/,
    ],
  },
  {
    title: 'is told all that is wrong with the outputs at once',
    before: (service) =>
      service.setOutputs(
        { launch_template_version: '$Latest', target_group_arns: 'none', repository_url: 'a/b:latest' },
        { url: 'http://shop.example' },
      ),
    ends: refused('terraform-contract'),
    says: [
      /does not give 4 outputs that the action needs/,
      /launch_template_version is "\$Latest"/,
      /target_group_arns is "none", which is a string and no list/,
      /repository_url is "a\/b:latest", which has a tag/,
      /url is sensitive/,
    ],
  },
  {
    title: 'writes its outputs whole where a sensitive output is a public name',
    before: (service) =>
      service.setOutputs(
        { dsn: 'postgres://app:correct-horse@db' },
        {
          name: service.application,
          area: 'eu-north-1',
          part: 'registry',
          password: 'correct-horse',
          flag: 'true',
        },
      ),
    ends: deployed(),
    says: [
      /Warning: output "name" is secret, .* is also the application, which is public: it is not masked/,
      /Warning: output "area" is secret, .* is also the region/,
      /Warning: output "part" is secret, .* is also output "repository_url"/,
      /Warning: output "dsn" holds what a sensitive output .* left out of terraform-outputs/,
    ],
    after: (service, { outputs, summary, log }) => {
      expect(JSON.stringify(outputs)).not.toMatch(/\*\*\*|correct-horse/);
      expect(outputs.image).toMatch(/^registry\.example\.com\/shop@sha256:0+2$/);
      expect(JSON.parse(outputs['terraform-outputs'] ?? '{}')).toMatchObject({
        autoscaling_group_name: service.group,
      });
      // The console of AWS knows nothing of a group that is elsewhere.
      expect(`${summary}${log}`).not.toContain('console.aws.amazon.com');
      expect(`${summary}${log}`).not.toContain('correct-horse');
    },
  },
];

const lattice = 'arn:aws:vpc-lattice:eu-north-1:123456789012:targetgroup/tg-0123456789abcdef0';
const kinds: Case[] = [
  {
    title: 'says what healthy means without a target group',
    ends: deployed(),
    says: [/Warning: the group has no target group: healthy means only that EC2 finds the machine well/],
  },
  {
    title: 'onto several target groups',
    service: { drain: 10, targetGroups: 2 },
    ends: deployed(),
    says: [/2 of 2 on version 2/],
  },
  {
    title: 'onto target groups that are attached as traffic sources',
    service: { drain: 10, asTrafficSources: true },
    before: (service) => service.fault({ secondsToHealthy: 30 }),
    ends: deployed(),
    says: [/2 of 2 on version 2/],
    after: (_, { log }) => expect(log).not.toMatch(/has no target group|is not attached to/),
  },
  {
    title: 'is not begun where VPC Lattice would not be asked',
    service: { group: { TrafficSources: [{ Identifier: lattice, Type: 'vpc-lattice' }] } },
    ends: refused('preflight'),
    says: [
      /although it has the VPC Lattice target group arn:\S+/,
      /add VPC_LATTICE to the health check type/,
    ],
  },
  {
    title: 'onto Spot instances of several types',
    service: { drain: 10, mixed: [{ InstanceType: 't3.micro' }, { InstanceType: 't3a.micro' }] },
    ends: deployed(),
    says: [/2 of 2 on version 2/],
  },
  {
    title: 'takes overrides along that name the template with a version',
    service: { drain: 10, mixed: [{ InstanceType: 't3.micro', version: '1' }] },
    ends: deployed(),
    says: [/2 of 2 on version 2/],
  },
];

export const seen: Case[] = [...nothing, ...forms, ...kinds];
