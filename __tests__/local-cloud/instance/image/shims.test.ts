/** The instance image's stand-ins for Amazon Linux's commands, run on this machine with a recorded docker. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SHIMS = fileURLToPath(new URL('../../../../local-cloud/instance/image/shims/', import.meta.url));
const ID = 'i-0123456789abcdef0';
/** Inspects the containers in the file `known` alone, and records every call but those that ask whose one is. */
const DOCKER = `#!/bin/bash
here=$(dirname "$0")
if [[ "$1 $2 $4" == "container inspect "*Labels* ]]; then
  grep -qx -- "$5" "$here/known" && echo ${ID} && exit 0
  exit 1
fi
last=\${!#}
if [[ "$*" == *inspect* && $last == asg-local-* ]] && ! grep -qx -- "$last" "$here/known"; then exit 1; fi
printf '%s\\n' "$*" >>"$here/calls"
echo "asg-local-${ID}-app done"
exit "$(cat "$here/status" 2>/dev/null || echo 0)"
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asg-shims-'));
  for (const [name, text] of [
    ['docker', DOCKER],
    ['iptables', '#!/bin/bash\nprintf "iptables %s\\n" "$*" >>"$(dirname "$0")/calls"\n'],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  writeFileSync(join(folder, 'calls'), '');
  writeFileSync(join(folder, 'known'), `asg-local-${ID}-app\n`);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function docker(...parameters: string[]) {
  const result = spawnSync('python3', [join(SHIMS, 'docker'), ...parameters], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      PYTHONDONTWRITEBYTECODE: '1',
      ASG_LOCAL_DOCKER: join(folder, 'docker'),
      ASG_LOCAL_IPTABLES: join(folder, 'iptables'),
      ASG_LOCAL_PORTS: join(folder, 'ports'),
      ASG_LOCAL_INSTANCE: ID,
      ASG_LOCAL_OWNER: '4570',
      ASG_LOCAL_AWS_PORT: '4570',
    },
  });
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  return { ...result, calls };
}

const ADDED = [
  `--network container:asg-local-${ID}`,
  '--label asg-deploy.local-cloud=4570',
  `--label asg-deploy.local-cloud.instance=${ID}`,
  '--log-driver json-file',
  '--env AWS_ENDPOINT_URL=http://127.0.0.1:4570',
].join(' ');
const NAMED = `--name asg-local-${ID}-app`;

describe('docker run', () => {
  it.each<[string, string, string]>([
    ['the image and its command are left alone', '-d img:1 sh -p 1 --name x', '-d img:1 sh -p 1 --name x'],
    ["names become the instance's", '--detach --name app img', `--detach ${NAMED} img`],
    ['values after =', '--name=app --env-file=/run/e img', `${NAMED} --env-file /run/e img`],
    ['equal ports need no forwarding', '-d -p 3000:3000 img', '-d img'],
    ['clustered switches', '-dit img', '-d -i -t img'],
    ['a cluster that ends with a flag', '-de A=1 img', '-d -e A=1 img'],
    ['a value right behind its letter', '-eA=1 img', '-e A=1 img'],
    [
      "networks, hosts and names are the instance's",
      '--network web --add-host a:1 -h me --dns 1.1.1.1 --link x img',
      'img',
    ],
    [
      'logs stay here',
      '--log-driver awslogs --log-opt awslogs-group=/a --log-opt mode=non-blocking img',
      'img',
    ],
    [
      'what needs no change passes',
      '--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --init --stop-timeout 30 --restart unless-stopped img',
      '--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --init --stop-timeout 30 --restart unless-stopped img',
    ],
    [
      "named volumes are the instance's",
      '-v data:/data -v /cache img',
      `--volume asg-local-${ID}-data:/data --volume /cache img`,
    ],
    ['a switch that is turned off', '--sig-proxy=false img', '--sig-proxy=false img'],
  ])('%s', (_, given, expected) => {
    const { calls, status } = docker('run', ...given.split(' '));
    expect(calls).toEqual([`run ${ADDED} ${expected}`]);
    expect(status).toBe(0);
  });

  it('forwards a published port, except to the metadata service, until the container is removed', () => {
    docker('run', '-d', '--name', 'app', '-p', '80:3000', 'img');
    const again = docker('run', '-d', '--name', 'two', '-p', '80:3001', 'img');
    expect(again.status).toBe(125);
    expect(again.stderr).toContain('Bind for 0.0.0.0:80 failed: port is already allocated');
    const { calls } = docker('rm', '-f', 'app');
    const rule = (action: string, chain: string): string =>
      `iptables -w -t nat ${action} ${chain} -p tcp ! -d 169.254.169.254 -m addrtype --dst-type LOCAL --dport 80 -j REDIRECT --to-ports 3000`;
    expect(calls).toEqual([
      rule('-A', 'PREROUTING'),
      rule('-A', 'OUTPUT'),
      `run ${ADDED} -d ${NAMED} img`,
      `rm -f asg-local-${ID}-app`,
      rule('-D', 'PREROUTING'),
      rule('-D', 'OUTPUT'),
    ]);
  });

  it.each<[string, string[]]>([
    ["can't mount /etc", ['-v', '/etc:/etc']],
    ["can't bind-mount", ['--mount', 'type=bind,src=/a,dst=/b']],
    ['publishes single TCP ports', ['-p', '53:53/udp']],
    ['publishes single TCP ports', ['-p', '3000']],
    ['publishes single TCP ports', ['-p', '8000-8010:8000-8010']],
  ])('refuses in words: %s', (words, parameters) => {
    const { status, stderr, calls } = docker('run', ...parameters, 'img');
    expect(status).toBe(125);
    expect(stderr).toContain(words);
    expect(calls).toEqual([]);
  });

  it("gives the container's exit code, and the ports back when it never started", () => {
    writeFileSync(join(folder, 'status'), '7');
    expect(docker('run', 'img').status).toBe(7);
    writeFileSync(join(folder, 'status'), '125');
    expect(docker('run', '--name', 'app', '-p', '80:3000', 'img').status).toBe(125);
    writeFileSync(join(folder, 'status'), '0');
    expect(docker('run', '--name', 'app', '-p', '80:3000', 'img').status).toBe(0);
  });
});

describe('docker commands about containers', () => {
  it.each<[string, string]>([
    ['logs --tail 50 app', `logs --tail 50 asg-local-${ID}-app`],
    ['logs -f app', `logs -f asg-local-${ID}-app`],
    ['inspect -f {{.State.Status}} app', `inspect -f {{.State.Status}} asg-local-${ID}-app`],
    ['container inspect --format x app', `container inspect --format x asg-local-${ID}-app`],
    ['stop -t 5 app', `stop -t 5 asg-local-${ID}-app`],
    ['exec -t app ls app', `exec -t asg-local-${ID}-app ls app`],
    ['ps -a', `ps --filter label=asg-deploy.local-cloud.instance=${ID} -a`],
    ['container ls', `ps --filter label=asg-deploy.local-cloud.instance=${ID}`],
    ['inspect img:1', 'inspect --type image img:1'],
    ['pull --quiet img', 'pull --quiet img'],
    ['info', 'info'],
  ])('%s', (given, expected) => {
    expect(docker(...given.split(' ')).calls).toEqual([expected]);
  });

  it.each(['stop other', 'rm -f other', 'logs other', 'exec other ls'])(
    "leaves others' containers alone: %s",
    (given) => {
      const { status, stderr, calls } = docker(...given.split(' '));
      expect(status).toBe(1);
      expect(stderr).toContain('No such container: other');
      expect(calls).toEqual([]);
    },
  );

  it.each(['system prune -af', 'image prune -f', 'rmi img', 'image rm img'])(
    'does not clean up the machine: %s',
    (given) => {
      const { status, calls } = docker(...given.split(' '));
      expect(status).toBe(0);
      expect(calls).toEqual([]);
    },
  );

  it('shows names as user data gave them', () => {
    expect(docker('ps').stdout).toBe('app done\n');
    expect(docker('rm', '-f', 'app').stdout).toBe('app done\n');
  });
});

function shim(name: string, ...parameters: string[]) {
  return spawnSync('bash', [join(SHIMS, name), ...parameters], { encoding: 'utf8', input: 'from stdin\n' });
}

describe('the other commands', () => {
  it.each<[string, string[], number, string]>([
    ['dnf', ['install', '-y', '-q', 'docker', 'jq'], 0, 'Complete!'],
    ['dnf', ['update', '-y'], 0, 'Nothing to do'],
    ['dnf', ['install', '-y', 'nginx'], 1, 'No match for argument: nginx'],
    ['systemctl', ['is-active', 'docker'], 0, 'active'],
    ['systemctl', ['daemon-reload'], 0, ''],
    ['systemctl', ['enable', '--now', 'nginx'], 5, 'Unit nginx.service not found'],
    ['logger', ['-s', '-t', 'boot', 'a', 'b'], 0, 'boot: a b'],
    ['logger', ['-s', '-t', 'boot'], 0, 'boot: from stdin'],
  ])('%s %p', (name, parameters, status, words) => {
    const result = shim(name, ...parameters);
    expect(result.status).toBe(status);
    expect(result.stdout + result.stderr).toContain(words);
  });
});

it('are all programs that the interpreter accepts', () => {
  mkdirSync(join(folder, 'checked'));
  for (const name of ['dnf', 'systemctl', 'cloud-init', 'poweroff', 'logger', '../boot'])
    expect(spawnSync('bash', ['-n', join(SHIMS, name)]).status).toBe(0);
});

describe('docker pull by digest', () => {
  const image = `127.0.0.1:5570/shop@sha256:${'a'.repeat(64)}`;

  /** What `docker pull` comes to when the registry answers the engine like this. */
  async function pull(status: number, message: string) {
    const asked: { url: string | undefined; credentials: unknown }[] = [];
    const engine = createServer(({ url, headers }, response) => {
      const auth = Buffer.from(String(headers['x-registry-auth']), 'base64url').toString();
      asked.push({ url, credentials: JSON.parse(auth) });
      response.writeHead(status).end(JSON.stringify({ message }));
    });
    const socket = join(folder, 'engine.sock');
    await new Promise<void>((resolve) => void engine.listen(socket, resolve));
    const auth = Buffer.from('AWS:token').toString('base64');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { '127.0.0.1:5570': { auth } } }));
    const env = {
      ...{ PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', DOCKER_CONFIG: folder },
      ...{ ASG_LOCAL_DOCKER: join(folder, 'docker'), ASG_LOCAL_ENGINE: socket },
    };
    const parameters = [join(SHIMS, 'docker'), 'pull', '--quiet', image];
    const result = await new Promise<{ failed: boolean; stderr: string }>((resolve) => {
      execFile('python3', parameters, { env }, (error, _, stderr) => {
        resolve({ failed: error !== null, stderr });
      });
    });
    engine.close();
    return { ...result, asked, calls: readFileSync(join(folder, 'calls'), 'utf8') };
  }

  it('asks the registry, for the engine may have pulled it for another instance', async () => {
    const { failed, asked, calls } = await pull(200, '');
    expect(failed).toBe(false);
    expect(asked).toEqual([
      { url: `/distribution/${image}/json`, credentials: { username: 'AWS', password: 'token' } },
    ]);
    expect(calls).toBe(`pull --quiet ${image}\n`);
  });

  it('fails when the registry no longer has it', async () => {
    const { failed, stderr, calls } = await pull(404, 'manifest unknown: Requested image not found');
    expect(failed).toBe(true);
    expect(stderr).toContain('Error response from daemon: manifest unknown: Requested image not found');
    expect(calls).toBe('');
  });

  it('leaves anything else to the engine to say', async () => {
    expect((await pull(500, 'no basic auth credentials')).calls).toBe(`pull --quiet ${image}\n`);
  });
});

describe('docker with the registry of another account', () => {
  const name = '123456789012.dkr.ecr.eu-north-1.amazonaws.com';
  const known = { accountId: '123456789012', region: 'eu-north-1', registry: '127.0.0.1:5571' };

  /** Runs docker where the cloud has these peers; gives what the real one was called with. */
  async function withPeers(peers: object[], ...parameters: string[]): Promise<string> {
    const gateway = createServer((request, response) => {
      response.end(request.url === '/_local/peers' ? JSON.stringify(peers) : '{}');
    });
    await new Promise<void>((resolve) => void gateway.listen(0, '127.0.0.1', resolve));
    const env = {
      ...{ PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', ASG_LOCAL_INSTANCE: ID },
      ...{ ASG_LOCAL_DOCKER: join(folder, 'docker'), ASG_LOCAL_PORTS: join(folder, 'ports') },
      ...{ ASG_LOCAL_OWNER: '4570', ASG_LOCAL_AWS_PORT: String((gateway.address() as AddressInfo).port) },
    };
    await new Promise((resolve) => {
      execFile('python3', [join(SHIMS, 'docker'), ...parameters], { env }, resolve);
    });
    gateway.close();
    return readFileSync(join(folder, 'calls'), 'utf8').trim();
  }

  it.each([
    ['logs in there', ['login', '--username', 'AWS', name], 'login --username AWS 127.0.0.1:5571'],
    [
      'pulls from there',
      ['pull', '--quiet', `${name}/team/shop:v1`],
      'pull --quiet 127.0.0.1:5571/team/shop:v1',
    ],
    [
      'leaves the name where it is a value',
      ['run', '--env', `IMAGE=${name}/shop`, `${name}/shop:v1`],
      `--env IMAGE=${name}/shop 127.0.0.1:5571/shop:v1`,
    ],
  ])('%s', async (_, parameters, called) => {
    expect(await withPeers([known], ...parameters)).toContain(called);
  });

  it('has AWS’s name where no local cloud is that', async () => {
    const others = [{ ...known, region: 'eu-west-1' }];
    expect(await withPeers(others, 'pull', `${name}/shop:v1`)).toBe(`pull ${name}/shop:v1`);
  });
});
