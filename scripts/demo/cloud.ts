import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What `local-cloud up --json` prints, as far as it is used here. */
export interface CloudDescription {
  endpoint: string;
  accountId: string;
  region: string;
  /** Variables that point an AWS client and Terraform at the local cloud. */
  environment: Record<string, string>;
}

const command = fileURLToPath(new URL('../../local-cloud/process/cli.ts', import.meta.url));

/**
 * Takes down what an earlier run left, sets up and starts the local cloud; what it does is shown on stderr.
 *
 * @param options more of the command's options, such as --instances simulated
 * @throws Error when it can't be started; its own output has said why
 */
export async function cloudUp(
  port: string,
  { options = [], signal }: { options?: string[]; signal?: AbortSignal } = {},
): Promise<CloudDescription> {
  await localCloud(['down', '--port', port], signal);
  const output = await localCloud(['up', '--json', '--port', port, ...options], signal);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as CloudDescription;
}

export async function cloudDown(port: string): Promise<void> {
  await localCloud(['down', '--port', port]);
}

/** Runs the command that users run, in a process group of its own: Ctrl-C reaches it through `signal` alone. */
function localCloud(parameters: string[], signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...parameters], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const stop = (): void => void child.kill('SIGTERM');
    signal?.addEventListener('abort', stop, { once: true });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', stop);
      if (code === 0) resolve(stdout);
      else reject(new Error(`local-cloud ${parameters.join(' ')} ended with exit code ${code ?? 'none'}`));
    });
  });
}

/** Ids of the group's instances in service, sorted; none when there is no such group. */
export async function instancesInService(cloud: CloudDescription, group: string): Promise<string[]> {
  const client = new AutoScalingClient({
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: {
      accessKeyId: cloud.environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: cloud.environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  try {
    const answer = await client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    );
    const instances = answer.AutoScalingGroups?.[0]?.Instances ?? [];
    return instances
      .filter(({ LifecycleState }) => LifecycleState === 'InService')
      .map(({ InstanceId }) => InstanceId ?? '')
      .sort();
  } finally {
    client.destroy();
  }
}
