/** `local-cloud up | down | status | reset`: the local cloud from a terminal, or from a script with --json. */
import { parseArgs } from 'node:util';
import {
  fetchStatus,
  requireFreePorts,
  runningPorts,
  runningProcess,
  startDaemon,
  takeDown,
} from './lifecycle.ts';
import type { InstanceKind } from '../instance/index.ts';
import {
  type AccountKind,
  clientEnvironment,
  type CloudStatus,
  DEFAULT_ACCOUNT_ID,
  DEFAULT_PORT,
  DEFAULT_REGION,
  DEFAULT_WEIGHT_DELAY,
} from '../cloud/index.ts';
import { ensureProviderMirror, setUp, stopDockerEngine, terraformEnvironment } from '../setup/index.ts';
import { SetupError } from '../host/index.ts';

const USAGE = `usage: local-cloud <command> [options]

  up       set up what is missing, start the local cloud, print how to reach it
  down     end it and remove everything that it made
  status   say whether it is up, and where
  reset    empty it, as if it had just been started

  --instances docker|simulated   containers that really boot (default), or simulated ones: no Docker needed
  --account used|new             an account that has been used (default), or a new one: no service-linked roles, first quotas
  --vcpus N                      vCPUs of the standard families that may run at once (default: plenty; 16 in a new account)
  --account-id ID                which account it is (default ${DEFAULT_ACCOUNT_ID})
  --region NAME                  which region (default ${DEFAULT_REGION})
  --peer ADDRESS                 another local cloud, whose registry is that of another account or region; may be given again
  --speed N                      how many times faster than real time simulated instances live (default 1)
  --metric-minute N              how many seconds a minute of CloudWatch lasts (default 60)
  --metric-delay N               seconds after its end until a minute of AWS's own metrics can be asked for (default 0)
  --weight-delay N               seconds until requests meet changed rules and weights of a load balancer (default 1)
  --port N                       where the API answers, on 127.0.0.1 (default ${DEFAULT_PORT}); the registry is 1000 above
  --iam on|off                   calls are held against policies (default), or everybody may do everything
  --iam-delay N                  seconds until a change of IAM is known everywhere (default 0)
  --json                         one line of JSON on standard output
`;

export interface Command {
  name: 'up' | 'down' | 'status' | 'reset';
  json: boolean;
  instances: InstanceKind;
  account: AccountKind;
  vcpus: number | undefined;
  accountId: string;
  region: string;
  peers: string[];
  speed: number;
  metricMinute: number;
  metricDelay: number;
  weightDelay: number;
  port: number;
  iam: { enforced: boolean; delaySeconds: number };
}

function numberOf(text: string, name: string, [least, most]: [number, number]): number {
  const value = /^[\d.]+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new SetupError(
    `--${name} is "${text}"; give a number from ${least} to ${most}. Nothing was touched.`,
    {
      why: 'the value is out of range or not a number',
      next: 'local-cloud --help lists the options',
    },
  );
}

/** Every option, with its default. */
const OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  instances: { type: 'string', default: 'docker' },
  account: { type: 'string', default: 'used' },
  vcpus: { type: 'string' },
  'account-id': { type: 'string', default: DEFAULT_ACCOUNT_ID },
  region: { type: 'string', default: DEFAULT_REGION },
  peer: { type: 'string', multiple: true, default: [] as string[] },
  speed: { type: 'string', default: '1' },
  'metric-minute': { type: 'string', default: '60' },
  'metric-delay': { type: 'string', default: '0' },
  'weight-delay': { type: 'string', default: String(DEFAULT_WEIGHT_DELAY) },
  port: { type: 'string', default: String(DEFAULT_PORT) },
  iam: { type: 'string', default: 'on' },
  'iam-delay': { type: 'string', default: '0' },
} as const;

/** Reads the command line. Throws SetupError; undefined when help was asked for. */
export function parseCommand(parameters: string[]): Command | undefined {
  const refuse = (what: string): SetupError =>
    new SetupError(`${what} Nothing was touched.`, {
      why: 'the command line can not be understood',
      next: 'local-cloud --help',
    });
  let parsed;
  try {
    parsed = parseArgs({ args: parameters, allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw refuse(`${error instanceof Error ? error.message : String(error)}.`);
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  const [name, ...more] = positionals;
  if (more.length > 0 || (name !== 'up' && name !== 'down' && name !== 'status' && name !== 'reset')) {
    throw refuse(`"${positionals.join(' ')}" is no command of local-cloud: up, down, status and reset are.`);
  }
  const { instances, json } = values;
  if (instances !== 'docker' && instances !== 'simulated') {
    throw refuse(`--instances is "${instances}"; it can be docker or simulated.`);
  }
  const { account } = values;
  if (account !== 'used' && account !== 'new')
    throw refuse(`--account is "${account}"; it can be used or new.`);
  const vcpus = values.vcpus === undefined ? undefined : numberOf(values.vcpus, 'vcpus', [0, 1_000_000]);
  const speed = numberOf(values.speed, 'speed', [1, 100_000]);
  if (speed !== 1 && instances === 'docker')
    throw refuse('--speed is for --instances simulated: containers live in real time.');
  const metricMinute = numberOf(values['metric-minute'], 'metric-minute', [1, 60]);
  const metricDelay = numberOf(values['metric-delay'], 'metric-delay', [0, 600]);
  const weightDelay = numberOf(values['weight-delay'], 'weight-delay', [0, 600]);
  // The registry has the port 1000 above.
  const port = numberOf(values.port, 'port', [1024, 64_535]);
  if (!Number.isInteger(port)) throw refuse(`--port is ${port}; give a whole number.`);
  if (values.iam !== 'on' && values.iam !== 'off')
    throw refuse(`--iam is "${values.iam}"; it can be on or off.`);
  const delaySeconds = numberOf(values['iam-delay'], 'iam-delay', [0, 600]);
  const wrong = wrongPlace(values);
  if (wrong !== undefined) throw refuse(wrong);
  const { region, peer: peers, 'account-id': accountId } = values;
  return {
    ...{ name, json, instances, account, vcpus, accountId, region, peers, speed },
    ...{ metricMinute, metricDelay, weightDelay, port },
    iam: { enforced: values.iam === 'on', delaySeconds },
  };
}

/** What is wrong with the account, the region or the addresses of peers. */
function wrongPlace(values: { 'account-id': string; region: string; peer: string[] }): string | undefined {
  const { 'account-id': accountId, region, peer } = values;
  if (!/^\d{12}$/.test(accountId)) return `--account-id is "${accountId}"; an account has 12 digits.`;
  // eslint-disable-next-line security/detect-unsafe-regex -- hyphens stand between its parts
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return `--region is "${region}"; give one such as eu-north-1.`;
  const address = peer.find((each) => !/^http:\/\/127\.0\.0\.1:\d+\/?$/.test(each));
  return address === undefined
    ? undefined
    : `--peer is "${address}"; give the address of another local cloud, http://127.0.0.1:4571.`;
}

interface Terminal {
  /** For the reader: standard output, or standard error when that is for JSON. */
  say: (line: string) => void;
  answer: (value: unknown) => void;
}

function terminal(json: boolean): Terminal {
  return {
    say: (line) => (json ? process.stderr : process.stdout).write(`${line}\n`),
    answer: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}

function describe(status: CloudStatus, environment: Record<string, string>): string[] {
  const { endpoint, addresses, instances, speed, accountId, region } = status;
  const kind = instances === 'docker' ? 'docker' : `simulated, ${speed} times real time`;
  return [
    `The local cloud is up at ${endpoint} (account ${accountId} in ${region}; instances: ${kind}).`,
    `  image registry   ${addresses.registry}`,
    ...addresses.loadBalancers.map((address) => `  load balancer    ${address}`),
    `  console          ${endpoint}/_local/   (calls, faults: ${endpoint}/_local/calls, …/faults)`,
    'Any AWS client reaches it with',
    ...Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`),
  ];
}

function report(status: CloudStatus, { say, answer }: Terminal): void {
  const environment = { ...clientEnvironment(status), ...terraformEnvironment() };
  describe(status, environment).forEach(say);
  answer({ ...status, environment });
}

const cloudName = (port: number): string => `local cloud on port ${port}`;

async function requirePeers(peers: readonly string[]): Promise<void> {
  for (const address of peers) {
    if ((await fetchStatus(Number(new URL(address).port)))?.ready === true) continue;
    throw new SetupError(`No local cloud answers at ${address}, which --peer names; nothing was started.`, {
      why: 'a peer has the registry of another account or region, and has to be up',
      next: `local-cloud up --port ${new URL(address).port}, with the --account-id and --region that it is to be`,
    });
  }
}

/** Makes a cloud that is up already known to others. */
async function introduce(port: number, peers: readonly string[]): Promise<void> {
  for (const address of peers) {
    const body = JSON.stringify({ address });
    const answer = await fetch(`http://127.0.0.1:${port}/_local/peers`, { method: 'POST', body });
    if (answer.ok) continue;
    throw new SetupError(`The local cloud on port ${port} is up already, and has no peer at ${address}.`, {
      why: ((await answer.json()) as { error: string }).error,
      next: 'start the other one first: local-cloud up --account-id … --region … --port …',
    });
  }
}

async function up(command: Command, screen: Terminal): Promise<void> {
  const { port, instances, account, vcpus, accountId, region, peers, iam } = command;
  const { speed, metricMinute, metricDelay, weightDelay } = command;
  const running = await runningProcess(port);
  const status = running === undefined ? undefined : await fetchStatus(port);
  if (status?.ready === true) {
    const same =
      status.instances === instances &&
      status.account === account &&
      status.accountId === accountId &&
      status.region === region &&
      status.speed === speed &&
      status.metricMinute === metricMinute;
    if (!same) {
      throw new SetupError(
        `The local cloud is up already, with --instances ${status.instances} --account ${status.account} --account-id ${status.accountId} --region ${status.region} --speed ${status.speed} --metric-minute ${status.metricMinute}.`,
        {
          why: 'one port has one cloud',
          next: `local-cloud down --port ${port}, or up with another --port`,
        },
      );
    }
    await introduce(port, peers);
    report(status, screen);
    return;
  }
  if (running === undefined) await requireFreePorts(port);
  await requirePeers(peers);
  const made = await setUp({ instances, startedFor: cloudName(port), say: screen.say });
  // Only Terraform needs it, and whoever runs that is told again.
  await ensureProviderMirror(screen.say).catch((error: unknown) => screen.say(`note: ${String(error)}`));
  const left = await takeDown(port);
  if (left.process || left.containers + left.networks > 0) {
    screen.say(`removed what an earlier run left: ${left.containers} containers, ${left.networks} networks`);
  }
  const place = { account, vcpus, accountId, region, peers };
  const pace = { speed, metricMinute, metricDelay, weightDelay };
  report(await startDaemon({ port, instances, ...place, ...pace, iam, ...made }), screen);
}

/** The ports of the clouds that are up beside the one that was asked for, which the reader may have meant. */
async function nameOthers({ name, port }: Command, { say }: Terminal): Promise<number[]> {
  const others = (await runningPorts()).filter((other) => other !== port);
  const [first] = others;
  if (first !== undefined) {
    const does = name === 'down' ? 'ends it' : 'describes it';
    say(`Up on another port: ${others.join(', ')}; local-cloud ${name} --port ${first} ${does}.`);
  }
  return others;
}

async function down(command: Command, screen: Terminal): Promise<void> {
  const { port } = command;
  const taken = await takeDown(port);
  const engine = await stopDockerEngine(cloudName(port), screen.say);
  const nothing = !taken.process && taken.containers + taken.networks === 0;
  screen.say(
    nothing
      ? `The local cloud was not up on port ${port}; nothing was left of it there.`
      : 'The local cloud is down; nothing of it is left.',
  );
  screen.answer({ ...taken, engine, others: await nameOthers(command, screen) });
}

async function status(command: Command, screen: Terminal): Promise<number> {
  const { port } = command;
  const found = await fetchStatus(port);
  if (found !== undefined) {
    report(found, screen);
    return 0;
  }
  screen.say(`No local cloud answers at 127.0.0.1:${port}.`);
  screen.answer({ ready: false, others: await nameOthers(command, screen) });
  return 1;
}

async function reset({ port }: Command, screen: Terminal): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/_local/reset`, { method: 'POST' }).catch(
    () => undefined,
  );
  if (answer?.ok !== true) {
    throw new SetupError(`The local cloud at 127.0.0.1:${port} was not reset.`, {
      why: answer === undefined ? 'nothing answers there' : await answer.text(),
      next: `local-cloud up --port ${port} starts one`,
    });
  }
  screen.say('The local cloud is empty again.');
  screen.answer(await answer.json());
}

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  if (command === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const screen = terminal(command.json);
  switch (command.name) {
    case 'up':
      await up(command, screen);
      return 0;
    case 'down':
      await down(command, screen);
      return 0;
    case 'status':
      return status(command, screen);
    case 'reset':
      await reset(command, screen);
      return 0;
  }
}

if (import.meta.main) {
  // A reader that has seen enough (head, grep -q) is no error of ours.
  process.stdout.on('error', () => undefined);
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const text =
        error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`Error: ${text}\n`);
      process.exitCode = 1;
    },
  );
}
