/** Instances that are containers: what the API starts boots, serves behind the load balancer, and goes without a trace. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
  type Instance,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetConsoleOutputCommand,
} from '@aws-sdk/client-ec2';
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { containerName } from '../../local-cloud/instance/index.ts';
import { type LocalCloud, startLocalCloud } from '../../local-cloud/cloud/index.ts';
import { setUp } from '../../local-cloud/setup/index.ts';
import { eventually } from '../support/eventually.ts';
import { makeInstanceProfile } from './support/instance-profile.ts';
import { portOf } from './support/ports.ts';

const PORT = Number(portOf(import.meta.url));
const run = promisify(execFile);
const docker = async (...parameters: string[]): Promise<string> =>
  (await run('docker', parameters, { maxBuffer: 1 << 24 })).stdout.trim();

/** Debian's own perl is all that this application needs. */
const APPLICATION = `
use IO::Socket::INET;
$| = 1; $SIG{TERM} = sub { print "bye\\n"; exit 0 };
my $server = IO::Socket::INET->new(LocalPort => 3000, Listen => 50, ReuseAddr => 1) or die "listen: $!";
print "listening as $ENV{INSTANCE_ID}\\n";
while (1) {
  my $client = $server->accept or next;
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  my $body = "served by $ENV{INSTANCE_ID} in $ENV{ENDPOINT}";
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($body) . "\\r\\nConnection: close\\r\\n\\r\\n$body";
  close $client;
}
`;

/** Everything that user data does on AWS, on the way that succeeds. */
const userData = (image: string): string => `#!/bin/bash
set -euo pipefail
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
metadata() { curl -sf -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"; }
region=$(metadata placement/region)
dnf install -y -q docker
systemctl enable --now docker
aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin ${image.split('/')[0] ?? ''} >/dev/null
docker pull --quiet ${image}
docker run -d --name app -p 80:3000 --stop-timeout 20 --restart unless-stopped \\
  --env INSTANCE_ID="$(metadata instance-id)" --env ENDPOINT="$region" \\
  --log-driver awslogs --log-opt awslogs-group=/app ${image} >/dev/null
for attempt in $(seq 100); do curl -sf http://127.0.0.1/ >/dev/null && break; sleep 0.1; done
echo "caller $(aws sts get-caller-identity --region "$region" --query Account --output text)"
echo "BOOTED $(docker inspect --format '{{.State.Status}}' app)" >/dev/console
`;

let cloud: LocalCloud;
let folder: string;
let image: string;
let subnets: string[];
let vpc: string | undefined;
const client = {
  region: 'eu-north-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local-cloud' },
};
let autoScaling: AutoScalingClient;
let ec2: EC2Client;
let balancing: ElasticLoadBalancingV2Client;

async function pushApplication(): Promise<string> {
  const ecr = new ECRClient({ ...client, endpoint: cloud.endpoint });
  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: 'tiny' }));
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  ecr.destroy();
  const [, password = ''] = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64')
    .toString()
    .split(':');
  const name = `${repository?.repositoryUri ?? ''}:1`;
  writeFileSync(join(folder, 'app.pl'), APPLICATION);
  writeFileSync(
    join(folder, 'Dockerfile'),
    'FROM debian:bookworm-slim\nCOPY app.pl /app.pl\nCMD ["perl", "/app.pl"]\n',
  );
  await docker('build', '--quiet', '--tag', name, folder);
  const config = ['--config', join(folder, 'docker')];
  const login = run('docker', [
    ...config,
    'login',
    '--username',
    'AWS',
    '--password-stdin',
    name.split('/')[0] ?? '',
  ]);
  login.child.stdin?.end(password);
  await login;
  await docker(...config, 'push', '--quiet', name);
  return name;
}

async function createGroup(name: string, script: string, targetGroups: string[] = []): Promise<void> {
  await makeInstanceProfile(cloud, `${name}-profile`);
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: {
        ImageId: 'ami-12345678',
        InstanceType: 't3.micro',
        UserData: Buffer.from(script).toString('base64'),
        IamInstanceProfile: { Name: `${name}-profile` },
      },
    }),
  );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateName: name, Version: '1' },
      MinSize: 0,
      MaxSize: 2,
      DesiredCapacity: 1,
      VPCZoneIdentifier: subnets.join(','),
      TargetGroupARNs: targetGroups,
      HealthCheckType: targetGroups.length > 0 ? 'ELB' : 'EC2',
      HealthCheckGracePeriod: 120,
    }),
  );
}

async function instancesOf(name: string): Promise<Instance[]> {
  const { AutoScalingGroups } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return AutoScalingGroups?.[0]?.Instances ?? [];
}

/** The one instance of a group, once the engine runs it. */
const bootedInstance = (name: string): Promise<string> =>
  eventually(`an instance of ${name}`, async () => {
    const [instance] = await instancesOf(name);
    const id = instance?.InstanceId;
    if (id === undefined) return undefined;
    const running = await docker('ps', '--quiet', '--filter', `name=^${containerName(id)}$`);
    return running === '' ? undefined : id;
  });

const empty = (name: string): Promise<unknown> =>
  autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MinSize: 0, DesiredCapacity: 0 }),
  );

async function consoleOf(instanceId: string, latest = true): Promise<string> {
  const { Output } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: instanceId, Latest: latest }));
  return Buffer.from(Output ?? '', 'base64').toString();
}

/** The target may be healthy a little before user data has said its last word. */
const bootedConsole = (instanceId: string): Promise<string> =>
  eventually('the end of user data', async () => {
    const text = await consoleOf(instanceId);
    return text.includes('BOOTED running') ? text : undefined;
  });

/** The instance's containers, its own included. */
const containersOf = (instanceId: string): Promise<string> =>
  docker('ps', '--all', '--format', '{{.Names}}', '--filter', `name=${containerName(instanceId)}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'asg-e2e-'));
  const log = (): void => undefined;
  const { python, instanceImage } = await setUp({ instances: 'docker', startedFor: 'tests', say: log });
  cloud = await startLocalCloud({
    ...{ port: PORT, instances: 'docker', speed: 1, folder: join(folder, 'cloud'), python, log },
    ...(instanceImage !== undefined && { instanceImage }),
  });
  const options = { ...client, endpoint: cloud.endpoint };
  autoScaling = new AutoScalingClient(options);
  ec2 = new EC2Client(options);
  balancing = new ElasticLoadBalancingV2Client(options);
  const found = await ec2.send(new DescribeSubnetsCommand({}));
  subnets = (found.Subnets ?? []).map(({ SubnetId }) => SubnetId ?? '').slice(0, 2);
  vpc = found.Subnets?.[0]?.VpcId;
  image = await pushApplication();
}, 900_000);

afterAll(async () => {
  for (const sdk of [autoScaling, ec2, balancing]) sdk?.destroy();
  await cloud?.close();
  if (image !== undefined) await docker('rmi', '--force', image);
  rmSync(folder, { recursive: true, force: true });
  expect(await docker('ps', '--all', '--quiet', '--filter', `label=asg-deploy.local-cloud=${PORT}`)).toBe('');
}, 400_000);

describe('a group behind a load balancer', () => {
  let url: string;
  let targetGroup: string;

  const healthy = (not?: string): Promise<string> =>
    eventually('a healthy target', async () => {
      const answer = await balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup }));
      const found = answer.TargetHealthDescriptions?.find(
        ({ Target, TargetHealth }) => TargetHealth?.State === 'healthy' && Target?.Id !== not,
      );
      return found?.Target?.Id;
    });

  beforeAll(async () => {
    const groups = await balancing.send(
      new CreateTargetGroupCommand({
        ...{ Name: 'tiny', Protocol: 'HTTP', Port: 80, TargetType: 'instance', HealthCheckPath: '/' },
        ...{
          VpcId: vpc,
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 2,
          UnhealthyThresholdCount: 2,
        },
      }),
    );
    targetGroup = groups.TargetGroups?.[0]?.TargetGroupArn ?? '';
    await balancing.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: targetGroup,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
      }),
    );
    const balancers = await balancing.send(new CreateLoadBalancerCommand({ Name: 'tiny', Subnets: subnets }));
    url = `http://${balancers.LoadBalancers?.[0]?.DNSName ?? ''}/`;
    await balancing.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancers.LoadBalancers?.[0]?.LoadBalancerArn,
        ...{ Protocol: 'HTTP', Port: 80 },
        DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroup }],
      }),
    );
    await createGroup('tiny', userData(image), [targetGroup]);
  }, 400_000);

  it('boots the user data and answers', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const id = await healthy();
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([200, `served by ${id} in eu-north-1`]);
    expect(await bootedConsole(id)).toContain('caller 123456789012');
    const described = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(described.Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId: id,
      State: { Name: 'running' },
      Tags: expect.arrayContaining([{ Key: 'aws:autoscaling:groupName', Value: 'tiny' }]) as unknown,
    });
    const names = (await containersOf(id)).split('\n').sort();
    expect(names).toEqual([containerName(id), `${containerName(id)}-app`]);
  }, 400_000);

  it('replaces an instance that powers itself off', async () => {
    const first = await healthy();
    await docker('exec', containerName(first), 'shutdown', '-h', 'now');
    const second = await healthy(first);
    expect(await (await fetch(url)).text()).toContain(second);
    await eventually('the first instance to be gone', async () => (await containersOf(first)) === '');
    const said = await consoleOf(first, false);
    expect(said).toContain('Power down.');
  }, 400_000);

  it('stops the application gracefully and leaves nothing behind', async () => {
    const id = await healthy();
    await bootedConsole(id);
    await empty('tiny');
    await eventually('the instance to be gone', async () => (await containersOf(id)) === '');
    expect((await fetch(url)).status).toBe(503);
    expect(await consoleOf(id, false)).toContain('BOOTED running');
  }, 400_000);
});

describe('user data that fails', () => {
  it('shows on the console, and the instance runs on', async () => {
    await createGroup('broken', '#!/bin/bash\necho "before it fails"\nnot-a-command\nexit 4\n');
    const id = await bootedInstance('broken');
    const said = await eventually('the end of the boot', async () => {
      const text = await consoleOf(id);
      // They come by two pipes, in any order.
      return text.includes('finished') && text.includes('command not found') ? text : undefined;
    });
    expect(said).toContain('before it fails');
    expect(said).toContain('not-a-command: command not found');
    expect(said).toContain('Failed to run module scripts-user (scripts in /var/lib/cloud/instance/scripts)');
    expect(await docker('inspect', '--format', '{{.State.Running}}', containerName(id))).toBe('true');
    await empty('broken');
    await eventually('the instance to be gone', async () => (await containersOf(id)) === '');
  }, 400_000);
});
