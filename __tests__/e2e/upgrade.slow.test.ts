/**
 * What earlier versions of terraform/ deployed, planned with the one of today: nothing may be replaced or destroyed. The
 * earliest is the last whose root held the resources itself, before they moved into modules/service.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { ROOT } from '../terraform/render.ts';
import { createHostedZone } from './support/hosted-zone.ts';
import { portOf } from './support/ports.ts';
import { hasCommit, resourcesIn, RootOfCommit } from './support/root-of-commit.ts';

const flatRoot = '8e07bc03cfb63a05576823e031acddae5e4b27af';
const moduleRoot = '4c047f76eb7709c82d88461856deaa61da08b700';
const port = portOf(import.meta.url);
jest.setTimeout(600_000);

/** Everything that can be turned on at once, so that every resource is there to be moved. */
const everything = (application: string, zone: string): object => ({
  application,
  environment: 'prod',
  image: `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:${'a'.repeat(64)}`,
  network: { nat: 'per_az', interface_endpoints: true },
  service: { cpu_target_percent: 60, requests_per_target: 1000 },
  load_balancer: {
    ...{ deletion_protection: true, access_log_days: 90 },
    https: { domain_name: `${application}.example.com`, zone_id: zone },
  },
  database: { multi_az: true, deletion_protection: true, final_snapshot: true },
  settings: { GREETING: 'hello' },
  secrets: ['STRIPE_KEY'],
  observability: { dashboard: true, people_alarms: true, notification_email: 'team@example.com' },
  tags: { CostCenter: '42' },
});

/** Applied with what the commit had, and then planned with what there is today. */
async function upgraded(commit: string, cloud: CloudDescription, values: object) {
  const root = await RootOfCommit.create(commit, cloud, values);
  await root.apply();
  await root.update();
  return { root, values, changes: await root.plan() };
}

const commits = { shop: flatRoot, store: moduleRoot };
const missing = Object.values(commits).filter((commit) => !hasCommit(commit));
const when =
  missing.length === 0 ? 'earlier' : `(skipped: this clone is too shallow for ${missing.join(', ')})`;

(missing.length === 0 ? describe : describe.skip)(`an environment that was deployed ${when}`, () => {
  let flat: Awaited<ReturnType<typeof upgraded>>;
  let module: Awaited<ReturnType<typeof upgraded>>;

  beforeAll(async () => {
    const cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
    const zone = await createHostedZone(cloud, 'example.com');
    [flat, module] = await Promise.all([
      upgraded(commits.shop, cloud, everything('shop', zone)),
      upgraded(commits.store, cloud, everything('store', zone)),
    ]);
  });

  afterAll(async () => {
    await cloudDown(port);
    await Promise.all([flat.root.remove(), module.root.remove()]);
  });

  it('is kept: nothing is made, replaced or destroyed', () => {
    for (const { changes } of [flat, module]) {
      expect(changes.length).toBeGreaterThan(70);
      const other = changes.filter(({ change }) => !['no-op', 'update'].includes(change.actions.join()));
      expect(other.map(({ address, change }) => `${change.actions.join()} ${address}`)).toEqual([
        // It stays with its network as it is.
        'forget module.service.aws_default_security_group.unused[0]',
      ]);
    }
  });

  it('moves into the module, every resource of it, where there was none', () => {
    // What there is none of in some environments has a number now, and blue is what there may be two of.
    for (const { address, previous_address: previous = '' } of flat.changes) {
      const single = `module.service.${previous.replace(/\[0\]$/, '')}`;
      expect([`module.service.${previous}`, `${single}[0]`, `${single}["blue"]`]).toContain(address);
    }
  });

  it('would move with any other settings as well', async () => {
    const moved = [
      ...(await readFile(join(ROOT, 'moved.tf'), 'utf8')).matchAll(/from = (\S+)\n {2}to {3}= (\S+)/g),
    ];
    expect(moved.map(([, from]) => from).toSorted()).toEqual(resourcesIn(flatRoot));
    for (const [, from, to] of moved) expect(to).toBe(`module.service.${from}`);
  });

  it('changes what an instance runs and may do, and how patient its checks are, and then nothing', async () => {
    const changed = flat.changes.filter(({ change }) => change.actions.join() === 'update');
    expect(changed.map(({ address }) => address).toSorted()).toEqual([
      'module.service.aws_autoscaling_group.service["blue"]',
      'module.service.aws_iam_role_policy.instance',
      'module.service.aws_launch_template.service',
      'module.service.aws_lb_target_group.service["blue"]',
    ]);
    await flat.root.apply();
    const left = (await flat.root.plan()).filter(({ change }) => change.actions.join() !== 'no-op');
    expect(left.map(({ address }) => address)).toEqual([]);
  });

  it('may turn blue/green on, and nothing that serves is touched', async () => {
    await flat.root.change({ ...flat.values, rollout: { strategy: 'blue-green' } });
    const changes = (await flat.root.plan()).filter(({ change }) => change.actions.join() !== 'no-op');
    const made = changes.filter(({ change }) => change.actions.join() === 'create');
    expect(made.map(({ address }) => address)).toContain('module.service.aws_lb_listener_rule.weights[0]');
    const changed = changes.filter((change) => !made.includes(change));
    expect(changed.map(({ address, change }) => `${change.actions.join()} ${address}`).toSorted()).toEqual([
      'update module.service.aws_cloudwatch_dashboard.main[0]',
      'update module.service.aws_cloudwatch_metric_alarm.healthy_hosts',
      'update module.service.aws_cloudwatch_metric_alarm.people["no-healthy-host"]',
      'update module.service.aws_iam_role_policy.instance',
    ]);
  });
});
