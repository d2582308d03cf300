/** The bundled boot script on machines that really boot: the way that goes well, and each way to fail. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { renderMinimalUserData, renderUserData, type UserData } from '../terraform/render.ts';
import { eventually } from '../support/eventually.ts';
import { callJson } from './support/client.ts';
import { Control } from './support/control.ts';
import { Images } from './support/images.ts';
import { Machines, onInstance, type Machine } from './support/machines.ts';
import { portOf } from './support/ports.ts';

const port = portOf(import.meta.url);
jest.setTimeout(600_000);

const secret = 'hunter2-hunter2-hunter2';
const databaseUrl = `postgresql://app_owner:${secret}@db:5432/shop`;

/** Debian's own perl is all that this application needs; a parameter tells it how to behave. */
const application = `
use IO::Socket::INET;
$| = 1; $SIG{TERM} = sub { exit 0 };
my $mode = $ENV{MODE};
if ($mode eq 'crash') { print STDERR "Error: can't reach $ENV{DATABASE_URL}\\n"; exit 3 }
my $port = $mode eq 'port' ? 8081 : $ENV{PORT};
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 50, ReuseAddr => 1) or die "listen: $!";
print "listening on port $port\\n";
while (1) {
  my $client = $server->accept or next;
  my $request = <$client>;
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  exit 7 if $request =~ m{^GET /exit };
  my $status = $mode eq 'unready' ? '503 Service Unavailable' : '200 OK';
  my $body = "{\\n \\"mode\\": \\"$mode\\",\\n \\"url\\": \\"$ENV{DATABASE_URL}\\"\\n}";
  print $client "HTTP/1.1 $status\\r\\nContent-Length: " . length($body) . "\\r\\nConnection: close\\r\\n\\r\\n$body";
  close $client;
}
`;

/** Keeps what every process on the machine was started with, from before the script's first command on. */
const watched =
  "(while sleep 0.2; do cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo; done >/run/processes 2>/dev/null) &\n";

/** A machine image without Docker, in a network without a way to the packages. */
const withoutDocker = `rm -f /usr/local/bin/docker /usr/local/bin/dnf
cat >/usr/local/bin/dnf <<'DNF'
#!/bin/sh
echo "Errors during downloading metadata for repository 'amazonlinux':" >&2
echo "Error: Failed to download metadata for repo 'amazonlinux': Cannot prepare internal mirrorlist" >&2
exit 1
DNF
chmod +x /usr/local/bin/dnf
`;

/** The ECS-optimized system: Docker and the unit of ECS's agent are there, the AWS CLI comes from the packages. */
const ecsOptimized = `mkdir -p /usr/lib/systemd/system
: >/usr/lib/systemd/system/ecs.service
rm -f /usr/local/bin/aws /usr/local/bin/dnf
cat >/usr/local/bin/dnf <<'DNF'
#!/bin/sh
echo "$*" >>/run/installed
[ "$*" = 'install -y -q awscli-2' ] && ln -s /opt/aws-cli/bin/aws /usr/local/bin/aws
DNF
chmod +x /usr/local/bin/dnf
`;

interface Case {
  values?: Partial<UserData>;
  /** Without the path. */
  parameters?: Record<string, string>;
  /** What is different about the machine: shell that runs before the script. */
  machine?: string;
  step: string;
  reason: RegExp;
  /** Lines after the marker. */
  said?: RegExp[];
}

const working = { DATABASE_URL: databaseUrl };
let cloud: CloudDescription;
let control: Control;
let images: Images;
let machines: Machines;
let image: string;
/** A registry that lets nobody in. */
let closedRegistry: Server;

const cases: Record<string, Case> = {
  hook: {
    values: { hooks: { before: "echo 'agent: no license' >&2\nexit 3" } },
    step: 'hook',
    reason: /reason=boot_hooks\.before ended with exit code 3$/,
    said: [/^ASG_DEPLOY_LOG agent: no license$/],
  },
  'no-docker': {
    machine: withoutDocker,
    step: 'docker',
    reason: /install_docker failed: Error: Failed to download metadata for repo 'amazonlinux'/,
  },
  refused: {
    step: 'login',
    reason: /log_in failed: .*401 Unauthorized/,
  },
  gone: {
    step: 'pull',
    reason: /docker failed: .*manifest unknown/,
  },
  missing: {
    step: 'config',
    reason: /reason=\/missing\/dev\/DATABASE_URL is missing; write it with aws ssm put-parameter$/,
  },
  placeholder: {
    parameters: { DATABASE_URL: 'NOT_SET_YET' },
    step: 'config',
    reason: /\/placeholder\/dev\/DATABASE_URL still has its placeholder; write its value/,
  },
  lines: {
    parameters: { ...working, KEY: 'one\n/lines/dev/FORGED\tFalse\tvalue' },
    step: 'config',
    reason: /the value of \/lines\/dev\/KEY has line breaks, which docker's env-file can't hold/,
  },
  denied: {
    parameters: working,
    step: 'config',
    reason:
      /read_parameters failed: .*\(AccessDeniedException\).*is not authorized to perform: ssm:GetParametersByPath/,
  },
  crash: {
    machine: watched,
    parameters: { ...working, MODE: 'crash' },
    step: 'run',
    reason: /the container ended \(exit code 3\) instead of staying up$/,
    said: [/^ASG_DEPLOY_LOG Error: can't reach \*\*\*$/],
  },
  port: {
    parameters: { ...working, MODE: 'port' },
    values: { startup_timeout_seconds: 30 },
    step: 'health',
    reason: /\/healthz gave no answer for 30 s; it must give 200 to 299 on port 3000$/,
    said: [/^ASG_DEPLOY_LOG listening on port 8081$/],
  },
  unready: {
    parameters: { ...working, MODE: 'unready' },
    values: { startup_timeout_seconds: 30 },
    step: 'health',
    reason: /\/healthz gave 503 for 30 s/,
    said: [/^ASG_DEPLOY_LOG listening/, /^ASG_DEPLOY_ANSWER 503 \{ "mode": "\*\*\*", "url": "\*\*\*" \}/],
  },
};

async function putParameters(path: string, parameters: Record<string, string>): Promise<void> {
  for (const [name, Value] of Object.entries(parameters)) {
    const body = { Name: `${path}/${name}`, Value, Type: 'SecureString' };
    await callJson(cloud, { service: 'ssm', target: 'AmazonSSM.PutParameter' }, body);
  }
}

async function start(name: string, { values, parameters = {}, machine = '' }: Partial<Case>): Promise<void> {
  const path = `/${name}/dev`;
  await putParameters(path, parameters);
  const script = await renderUserData({
    ...{ image, required_parameters: 'DATABASE_URL', parameter_path: path, startup_timeout_seconds: 60 },
    registry_region: 'eu-north-1',
    ...values,
  });
  await machines.start(name, script.replace('\n', `\n${machine}`));
}

/** The script of examples/minimal, which takes no parameters. */
async function startMinimal(name: string, machine = ''): Promise<void> {
  const script = await renderMinimalUserData({ image, region: 'eu-north-1' });
  await machines.start(name, script.replace('\n', `\n${machine}`));
}

/** The marker's line and those that follow it. */
function told(machine: Machine): string[] {
  const lines = machine.console.split(/\r?\n/);
  return lines.slice(lines.findIndex((line) => line.includes('ASG_DEPLOY_BOOT_')));
}

/** Looks for what must not be left: on the console, on the disk, in what processes were started with. */
async function expectNoSecrets(machine: Machine): Promise<void> {
  expect(machine.console).not.toContain(secret);
  // The brackets keep this command's own line out of what it looks through.
  const search = "grep -rl 'hunte[r]2-hunter2' /run /tmp /var /etc /root /home /dev/shm || true";
  expect(await onInstance(machine.id, search)).toBe('');
  const list = 'ls -d /run/asg-deploy.* /root/.docker 2>/dev/null || true';
  await eventually('the files are removed', async () => (await onInstance(machine.id, list)) === '');
}

beforeAll(async () => {
  cloud = await cloudUp(port);
  control = new Control(cloud);
  images = await Images.create('boots', cloud);
  machines = new Machines(cloud);
  closedRegistry = createServer((_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="closed"' }).end();
  });
  await new Promise<void>((resolve) => void closedRegistry.listen(0, '127.0.0.1', resolve));
  const { port: closedPort } = closedRegistry.address() as AddressInfo;
  image = await images.push('1', {
    'app.pl': application,
    Dockerfile: 'FROM debian:bookworm-slim\nCOPY app.pl /app.pl\nCMD ["perl", "/app.pl"]\n',
  });
  const [repository = '', digest = ''] = image.split('@');
  cases.refused!.values = { image: `127.0.0.1:${closedPort}/boots@${digest}` };
  cases.gone!.values = { image: `${repository}@sha256:${'0'.repeat(64)}` };
  await control.fault({
    ...{ service: 'ssm', operation: 'GetParametersByPath', parameters: { Path: '/denied/dev' }, times: 99 },
    error: 'AccessDeniedException',
    message: 'User: i-1 is not authorized to perform: ssm:GetParametersByPath',
  });
  await start('ecs', { machine: ecsOptimized, parameters: { ...working, MODE: 'serve' } });
  await startMinimal('minimal');
  await startMinimal('ecs-minimal', ecsOptimized);
  await start('well', {
    machine: watched,
    parameters: { ...working, MODE: 'serve' },
    values: {
      hooks: {
        before: 'echo "$APPLICATION $INSTANCE_ID" >/etc/agent.conf',
        after: 'curl -sf http://127.0.0.1:80/healthz >/dev/null && echo healthy >>/etc/agent.conf',
      },
    },
  });
  await Promise.all(Object.entries(cases).map(([name, each]) => start(name, each)));
});

afterAll(async () => {
  await images?.close();
  machines?.close();
  closedRegistry?.close();
  await cloudDown(port);
});

describe('a boot that goes well', () => {
  let machine: Machine;

  it('says so, serves, and leaves no secret behind', async () => {
    machine = await machines.until('well', ({ console }) => console.includes('ASG_DEPLOY_BOOT_'));
    expect(told(machine)[0]).toMatch(/ASG_DEPLOY_BOOT_OK image=\S+ instance=i-[0-9a-f]+ seconds=\d+$/);
    expect(await onInstance(machine.id, 'curl -s http://127.0.0.1:3000/healthz')).toContain(databaseUrl);
    const written = await onInstance(machine.id, 'cat /etc/agent.conf; stat -c %a /etc/agent.conf');
    expect(written.trim().split(/\s+/)).toEqual(['shop', machine.id, 'healthy', '644']);
    // The watching works: it saw the command that the secrets were handed to.
    expect(await onInstance(machine.id, 'cat /run/processes')).toMatch(/docker run --detach .*--env-file/);
    await expectNoSecrets(machine);
    expect(machine.health).toBe('Healthy');
  });

  it('tells it when the container ends afterwards and Docker starts it again', async () => {
    await onInstance(machine.id, 'curl -s http://127.0.0.1:3000/exit || true');
    const { console, health } = await machines.until('well', (seen) =>
      seen.console.includes('ASG_DEPLOY_RESTARTED'),
    );
    expect(console).toMatch(
      /ASG_DEPLOY_RESTARTED image=\S+ instance=\S+ reason=the container ended \(exit code 7\) after it was healthy\r?\nASG_DEPLOY_LOG listening on port 3000/,
    );
    expect(health).toBe('Healthy');
    const again = 'curl -s --retry 20 --retry-delay 1 --retry-all-errors http://127.0.0.1:3000/healthz';
    expect(await onInstance(machine.id, again)).toContain('"mode": "serve"');
  });
});

describe('other systems and scripts', () => {
  it.each(['ecs', 'minimal', 'ecs-minimal'])('%s boots and serves', async (name) => {
    const { id, console } = await machines.until(name, (seen) => seen.console.includes('ASG_DEPLOY_BOOT_'));
    expect(console).toContain('ASG_DEPLOY_BOOT_OK image=');
    expect(await onInstance(id, 'curl -s http://127.0.0.1:3000/healthz')).toContain('"mode"');
    const ofEcs = 'cat /run/installed; readlink /etc/systemd/system/ecs.service';
    if (name !== 'minimal') expect(await onInstance(id, ofEcs)).toBe('install -y -q awscli-2\n/dev/null');
  });
});

describe('a boot that fails gives the instance up at once and says why', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const { step, reason, said = [] } = cases[name]!;
    const machine = await machines.until(name, ({ health }) => health === 'Unhealthy');
    const [marker = '', ...lines] = told(machine);
    expect(marker).toContain(`ASG_DEPLOY_BOOT_FAILED step=${step} `);
    expect(marker).toContain(`instance=${machine.id} `);
    expect(marker).toMatch(reason);
    for (const line of said) expect(lines).toContainEqual(expect.stringMatching(line));
    expect(machine.console.match(/ASG_DEPLOY_BOOT_/g)).toHaveLength(1);
    await expectNoSecrets(machine);
  });

  it('by itself: each machine called SetInstanceHealth once, and no health check did it', async () => {
    const calls = (await control.calls()).filter(({ operation }) => operation === 'SetInstanceHealth');
    expect(calls).toHaveLength(Object.keys(cases).length);
  });
});
