import { beforeAll, expect, it } from '@jest/globals';
import { boot, type Scenario } from './instance.ts';
import { renderUserData, run } from './render.ts';
import { describeWith } from '../support/tools.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@${digest}`;
const secret = 'postgresql://app_owner:hunter2hunter2@db:5432/shop?sslmode=require';
const parameters = { DATABASE_URL: secret, LOG_LEVEL: 'info' };

/** A hook that behaves as a file in the test's folder says, and tells where and as what it was called. */
const hook = (name: string): string =>
  `echo "hook ${name}" >>"$TEST_FOLDER/calls"
echo "$0 $APPLICATION $ENVIRONMENT $AWS_REGION $IMAGE $INSTANCE_ID $HOME $(umask)"
[ ! -e "$TEST_FOLDER/${name}" ] || source "$TEST_FOLDER/${name}"`;

/** The script whose seconds are its looks at the health path: those of a busy machine have none to spare. */
function countingLooks(rendered: string): string {
  const changed = rendered
    .replace('\n', '\nunset SECONDS; SECONDS=0\n')
    .replace(/^ +sleep 1$/m, 'SECONDS=$((SECONDS + 1))');
  expect(changed).toContain('SECONDS=$((SECONDS + 1))');
  return changed;
}

let script = '';
let impatient = '';
let hooked = '';
let hurried = '';

beforeAll(async () => {
  script = await renderUserData({ image, required_parameters: 'DATABASE_URL LOG_LEVEL' });
  impatient = countingLooks(await renderUserData({ image, startup_timeout_seconds: 4 }));
  const hooks = { before: hook('before'), after: hook('after') };
  hooked = await renderUserData({ image, hooks, hook_timeout_seconds: 120 });
  hurried = await renderUserData({ image, hooks, hook_timeout_seconds: 2 });
});

describeWith(['terraform'], 'the rendered script', () => {
  it('fits into user data, with room for long names', () => {
    expect(Buffer.byteLength(script)).toBeLessThan(12 * 1024);
  });

  it('has no unknown expression left', () => {
    expect(script).not.toMatch(/\$\$\{|%%\{/);
  });
});

describeWith(['terraform', 'shellcheck'], 'the rendered script, for shellcheck', () => {
  it.each(['as it is', 'with hooks'])('is clean %s', async (which) => {
    const input = which === 'as it is' ? script : hooked;
    expect(await run('shellcheck', ['--shell=bash', '-'], { input })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describeWith(['terraform'], 'a boot that goes well', () => {
  it('logs in, pulls, configures, runs and waits, in that order, and says so once', async () => {
    const { code, console: said, calls, password, left } = await boot(script, { parameters });
    expect(code).toBe(0);
    expect(said.replace(/\d+\n$/, 'N')).toBe(
      `ASG_DEPLOY_BOOT_OK image=${image} instance=i-0123456789abcdef0 seconds=N`,
    );
    const commands = calls.map((call) => call.split(' ').slice(0, 3).join(' '));
    const order = [
      'docker info',
      'docker login --username',
      `docker pull --quiet`,
      'aws ssm get-parameters-by-path',
      'docker run --detach',
    ];
    const places = order.map((start) => commands.findIndex((command) => command.startsWith(start)));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(calls).toContain(
      `docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com`,
    );
    expect(calls).toContain('aws ecr get-login-password --region eu-west-1');
    expect(password).toBe('registry-password\n');
    expect(left).toEqual([]);
  });

  it('hands the parameters over in a file, never as arguments, and leaves no file behind', async () => {
    const { calls, envFile, output, left } = await boot(script, { parameters });
    expect(envFile).toBe(`DATABASE_URL=${secret}\nLOG_LEVEL=info\n`);
    expect(calls.join('\n') + output).not.toContain('hunter2');
    expect(calls.join('\n')).not.toContain('registry-password');
    expect(left).toEqual([]);
  });

  it.each([
    ['tabs', 'one\ttwo\t'],
    ['what the AWS CLI says of line breaks', 'True\tFalse'],
    ['nothing', ''],
    ['equal signs and quotes', `a=b 'c' "d" \\e`],
  ])('hands a value over as it is: %s', async (_, value) => {
    const { code, envFile } = await boot(script, { parameters: { ...parameters, KEY: value } });
    expect(code).toBe(0);
    expect(envFile).toBe(`DATABASE_URL=${secret}\nLOG_LEVEL=info\nKEY=${value}\n`);
  });

  it('takes rights from the container and tells it who it is', async () => {
    const { calls } = await boot(script, { parameters });
    const line = calls.find((call) => call.startsWith('docker run')) ?? '';
    for (const part of [
      '--read-only --tmpfs /tmp',
      '--cap-drop ALL',
      '--security-opt no-new-privileges',
      '--publish 80:3000',
      '--env PORT=3000',
      `--env IMAGE=${image}`,
      '--env INSTANCE_ID=i-0123456789abcdef0',
      '--env ENVIRONMENT=prod',
      '--log-driver awslogs',
      '--log-opt awslogs-group=/shop/prod/service',
    ])
      expect(line).toContain(part);
    expect(line.endsWith(image)).toBe(true);
  });

  it('lets Docker restart the container only once it is healthy, so that a crash keeps its exit code', async () => {
    const { calls } = await boot(script, { parameters });
    const places = ['docker run', 'docker inspect', 'docker update --restart unless-stopped shop'].map(
      (start) => calls.findIndex((call) => call.startsWith(start)),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(calls.find((call) => call.startsWith('docker run'))).not.toContain('--restart');
  });

  it('gets over what fails once', async () => {
    const once =
      'if [ "$1" = pull ] && [ ! -e "$TEST_FOLDER/failed" ]; then : >"$TEST_FOLDER/failed"; echo timeout >&2; exit 1; fi';
    const { code, calls } = await boot(script, { parameters, stubs: { docker: once } });
    expect(code).toBe(0);
    expect(calls.filter((call) => call.startsWith('docker pull'))).toHaveLength(2);
  });

  it('installs the AWS CLI where the image of the system has none', async () => {
    const { calls } = await boot(script, { parameters, missing: ['aws'] });
    expect(calls).toContain('dnf install -y -q awscli-2');
    expect(calls.join('\n')).not.toContain('dnf install -y -q docker');
  });

  it('says that it is the AWS CLI which can not be had, and gives the instance up without it', async () => {
    const unreachable = 'echo "Error: Failed to download metadata" >&2; exit 1';
    const { calls, console: said } = await boot(script, {
      ...{ parameters, missing: ['aws'], ecsOptimized: true, stubs: { dnf: unreachable } },
    });
    expect(said).toMatch(
      /BOOT_FAILED step=docker .*reason=install_aws_cli failed: Error: Failed to download/,
    );
    expect(calls.at(-1)).toBe('shutdown -h now');
  });

  it("keeps the ECS-optimized system's agent from starting, and installs no Docker there", async () => {
    const { calls } = await boot(script, { parameters, ecsOptimized: true });
    expect(calls).toContain('systemctl mask ecs');
    expect(calls.join('\n')).not.toContain('dnf');
    expect((await boot(script, { parameters })).calls).not.toContain('systemctl mask ecs');
  });
});

describeWith(['terraform'], 'boot hooks', () => {
  const marker = `ASG_DEPLOY_BOOT_FAILED step=hook image=${image} instance=i-0123456789abcdef0 reason=`;

  it('run before all else and after the container is healthy, as a program expects it', async () => {
    const { code, console: said, calls, output, left } = await boot(hooked, { parameters });
    expect(code).toBe(0);
    expect(said).toContain('ASG_DEPLOY_BOOT_OK');
    const order = ['hook before', 'docker info', 'docker update', 'hook after'];
    const places = order.map((start) => calls.findIndex((call) => call.startsWith(start)));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(output).toContain(`/before shop prod eu-north-1 ${image} i-0123456789abcdef0 /root 0022\n`);
    expect(left).toEqual([]);
  });

  it('are no part of a script without them', () => {
    expect(script).not.toContain('hook');
    expect(script).not.toMatch(/\n\n\n/);
    expect(hooked).not.toMatch(/\n\n\n/);
  });

  it.each([
    ['before', 'echo "no license" >&2; exit 3', 'boot_hooks.before ended with exit code 3', 'no license'],
    ['before', 'false; echo unseen', 'boot_hooks.before ended with exit code 1', /\/before shop/],
    ['before', 'echo $NOT_THERE', 'boot_hooks.before ended with exit code 1', /NOT_THERE: unbound variable/],
    ['before', 'sleep 9', 'boot_hooks.before took longer than 2 s', /\/before shop/],
    ['after', `echo "${secret}"; exit 3`, 'boot_hooks.after ended with exit code 3', '***'],
  ])('%s fails the boot: %s', async (name, behaviour, reason, last) => {
    const stubs = { sleep: '[ "$1" != 9 ] || /bin/sleep 9' };
    const {
      code,
      console: said,
      calls,
      left,
      output,
    } = await boot(reason.includes('longer') ? hurried : hooked, {
      parameters,
      stubs,
      files: { [name]: behaviour },
    });
    expect(code).toBe(1);
    expect(said.split('\n')[0]).toBe(marker + reason);
    const words = said.trimEnd().split('\n').at(-1) ?? '';
    expect(words.slice(0, 15)).toBe('ASG_DEPLOY_LOG ');
    expect(words.slice(15)).toEqual(typeof last === 'string' ? last : expect.stringMatching(last));
    expect(output).not.toContain('unseen');
    expect(calls.at(-1)).toMatch(/^aws autoscaling set-instance-health .* --health-status Unhealthy/);
    expect(calls.some((call) => call.startsWith('docker run'))).toBe(name === 'after');
    expect(left).toEqual([]);
  });
});

describeWith(['terraform'], 'after the boot', () => {
  /** `docker wait` ends as often as the container does; afterwards the container is stopped. */
  const ending = (times: number): string => `case "$1" in
  wait) printf x >>"$TEST_FOLDER/ends"; echo 7; exit ;;
  logs) echo "can't reach ${secret}"; exit ;;
esac
if [ "$1 $3" = "inspect {{.RestartCount}}" ]; then ends=$(<"$TEST_FOLDER/ends"); echo $((\${#ends} < ${times} ? \${#ends} : ${times})); exit; fi`;
  const told = [
    `ASG_DEPLOY_RESTARTED image=${image} instance=i-0123456789abcdef0 reason=the container ended (exit code 7) after it was healthy`,
    "ASG_DEPLOY_LOG can't reach ***",
  ];

  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [9, 3],
  ])('a container that was restarted %i times is told %i times', async (times, tellings) => {
    const { code, console: said } = await boot(script, { parameters, stubs: { docker: ending(times) } });
    expect(code).toBe(0);
    expect(said.split('\n').slice(1, -1)).toEqual(Array.from({ length: tellings }, () => told).flat());
  });
});

const failures: [what: string, step: string, reason: RegExp, scenario: Scenario][] = [
  [
    'docker can not be installed',
    'docker',
    /No match for argument: docker/,
    { missing: ['docker'], stubs: { dnf: 'echo "No match for argument: docker" >&2; exit 1' } },
  ],
  [
    'docker does not start',
    'docker',
    /Job for docker.service failed/,
    { stubs: { systemctl: 'echo "Job for docker.service failed" >&2; exit 1' } },
  ],
  [
    'the role may not log in',
    'login',
    /AccessDeniedException/,
    {
      stubs: {
        aws: 'case "$*" in *ecr*) echo "An error occurred (AccessDeniedException)" >&2; exit 254 ;; esac',
        // What the real one says when nothing comes out of the pipe.
        docker: `[ "$1" = login ] && [ -z "$(cat)" ] && { echo "Error: Cannot perform an interactive login from a non TTY device" >&2; exit 1; }`,
      },
    },
  ],
  [
    'the registry refuses',
    'login',
    /401 Unauthorized/,
    { stubs: { docker: '[ "$1" = login ] && { echo "401 Unauthorized" >&2; exit 1; }' } },
  ],
  [
    'the image is gone',
    'pull',
    /manifest unknown/,
    { stubs: { docker: '[ "$1" = pull ] && { echo "manifest unknown" >&2; exit 1; }' } },
  ],
  [
    'parameters can not be read',
    'config',
    /ThrottlingException/,
    {
      stubs: {
        aws: 'case "$*" in *by-path*) echo "An error occurred (ThrottlingException)" >&2; exit 254 ;; esac',
      },
    },
  ],
  [
    'a parameter is missing',
    'config',
    /\/shop\/prod\/LOG_LEVEL is missing/,
    { parameters: { DATABASE_URL: secret } },
  ],
  [
    'a parameter has its placeholder',
    'config',
    /\/shop\/prod\/LOG_LEVEL still has its placeholder/,
    { parameters: { DATABASE_URL: secret, LOG_LEVEL: 'NOT_SET_YET' } },
  ],
  [
    'a parameter has line breaks',
    'config',
    /the value of \/shop\/prod\/KEY has line breaks/,
    { parameters: { ...parameters, KEY: 'one\ntwo' } },
  ],
  [
    'a parameter can not be a variable',
    'config',
    /\/shop\/prod\/log-level can't be an environment variable/,
    { parameters: { ...parameters, 'log-level': 'info' } },
  ],
  [
    'the container can not be made',
    'run',
    /docker run: port is already allocated/,
    {
      parameters,
      stubs: { docker: '[ "$1" = run ] && { echo "port is already allocated" >&2; exit 125; }' },
    },
  ],
  [
    "the daemon refuses the container, and the client adds a blank line and its advice (Docker 28's)",
    'run',
    /reason=docker run: Error response from daemon: failed to set up container networking: port is already allocated$/,
    {
      parameters,
      stubs: {
        docker: `[ "$1" = run ] && { printf '%s\\n' "WARNING: no swap limit" "docker: Error response from daemon: failed to set up container networking: port is already allocated" "" "Run 'docker run --help' for more information" >&2; exit 125; }`,
      },
    },
  ],
  [
    'docker run says nothing',
    'run',
    /reason=docker run: no message$/,
    { parameters, stubs: { docker: '[ "$1" = run ] && exit 125' } },
  ],
  [
    'the container ends',
    'run',
    /exit code 7/,
    { parameters, stubs: { docker: '[ "$1" = inspect ] && { echo "restarting 1 7"; exit; }' } },
  ],
];

describeWith(['terraform'], 'a boot that fails', () => {
  it.each(failures)('%s: step %s', async (_what, step, reason, scenario) => {
    const { code, console: said, calls, left, output } = await boot(script, { parameters, ...scenario });
    expect(code).toBe(1);
    const [marker = ''] = said.split('\n');
    const start = `ASG_DEPLOY_BOOT_FAILED step=${step} image=${image} instance=i-0123456789abcdef0 reason=`;
    expect(marker.slice(0, start.length)).toBe(start);
    expect(marker).toMatch(reason);
    expect(said.match(/ASG_DEPLOY_BOOT_/g)).toHaveLength(1);
    expect(calls.at(-1)).toBe(
      'aws autoscaling set-instance-health --region eu-north-1 --instance-id i-0123456789abcdef0 --health-status Unhealthy --no-should-respect-grace-period',
    );
    expect(left).toEqual([]);
    expect(said + output + calls.join('\n')).not.toContain('hunter2');
  });

  it('never healthy: says what the path answered', async () => {
    const stubs = { curl: 'case "$*" in *healthz*) printf 503; exit ;; esac' };
    const { code, console: said } = await boot(impatient, { parameters, stubs });
    expect(code).toBe(1);
    expect(said).toMatch(/^ASG_DEPLOY_BOOT_FAILED step=health .*reason=\/healthz gave 503 for 4 s/);
  });

  it('nobody listens: says that there was no answer', async () => {
    const stubs = { curl: 'case "$*" in *healthz*) printf 000; exit 7 ;; esac' };
    const { console: said } = await boot(impatient, { parameters, stubs });
    expect(said).toContain('reason=/healthz gave no answer for 4 s');
  });

  const answering = (body: string, code: string) =>
    `case "$*" in *healthz*) while [ "$1" != --output ]; do shift; done; printf '%s' '${body}' >"$2"; ${code}; exit ;; esac`;

  it.each([
    ['on one line', '{"status":\n  "starting"}', '503 {"status": "starting"}'],
    ["without the parameters' values", `no way to ${secret}\u0007`, '503 no way to ***'],
    ['shortened', `<p>${'x'.repeat(100_000)}</p>`, `503 <p>${'x'.repeat(293)}`],
    ['empty', '', '503'],
  ])('never healthy: shows what the path answered last, %s', async (_what, body, answer) => {
    const stubs = { curl: answering(body, 'printf 503') };
    const { console: said, output } = await boot(impatient, { parameters, stubs });
    const [, ...lines] = said.trimEnd().split('\n');
    expect(lines).toEqual([`ASG_DEPLOY_ANSWER ${answer}`]);
    expect(said + output).not.toContain('hunter2');
  });

  it('never healthy: still shows the last answer when there is none in the end', async () => {
    const once = `[ -e "$TEST_FOLDER/asked" ] && { printf 000; exit 28; }; : >"$TEST_FOLDER/asked"; printf 500`;
    const stubs = { curl: answering('out of handles', once) };
    const { console: said } = await boot(impatient, { parameters, stubs });
    expect(said).toContain('reason=/healthz gave no answer for 4 s');
    expect(said).toContain('\nASG_DEPLOY_ANSWER 500 out of handles');
  });

  it("shows the container's last lines after the marker, without the parameters' values", async () => {
    const docker = `case "$1" in inspect) echo "exited 0 1"; exit ;; logs) echo "listening failed"; echo "can't reach ${secret}" >&2; exit ;; esac`;
    const { console: said } = await boot(script, { parameters, stubs: { docker } });
    expect(said.split('\n').slice(1)).toEqual([
      'ASG_DEPLOY_LOG listening failed',
      "ASG_DEPLOY_LOG can't reach ***",
      '',
    ]);
  });

  it('powers the instance off when it may not mark itself unhealthy', async () => {
    const aws = 'case "$*" in *set-instance-health*) exit 254 ;; *ecr*) exit 1 ;; esac';
    const { calls } = await boot(script, { parameters, stubs: { aws } });
    expect(calls.filter((call) => call.includes('set-instance-health'))).toHaveLength(5);
    expect(calls.at(-1)).toBe('shutdown -h now');
  });
});
