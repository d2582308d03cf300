/**
 * What an earlier run that was killed left behind. Containers and networks are known by their label, whose value
 * is the run's port: only one run can have that, so whatever carries it is ours and dead.
 */
import { runCommand } from './command.ts';

/** Every container and network of a local cloud carries it; the value is the gateway's port. */
export const LABEL = 'asg-deploy.local-cloud';

/** The user network that instances and databases are on. */
export function networkName(port: number): string {
  return port === 4570 ? 'asg-deploy-local' : `asg-deploy-local-${port}`;
}

async function lines(parameters: string[]): Promise<string[]> {
  const { exitCode, stdout } = await runCommand('docker', parameters);
  return exitCode === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}

/** The ports of all runs that have a container or a network, dead or alive; none where there is no Docker. */
export async function portsWithContainers(): Promise<number[]> {
  const labelled = ['--filter', `label=${LABEL}`, '--format', `{{.Label "${LABEL}"}}`];
  const found = [
    ...(await lines(['ps', '--all', ...labelled])),
    ...(await lines(['network', 'ls', ...labelled])),
  ];
  return [...new Set(found.map(Number))];
}

/**
 * Removes containers (with their anonymous volumes) and networks of the run on this port.
 * @returns how many of each; zero where there is no Docker
 */
export async function removeLeftovers(port: number): Promise<{ containers: number; networks: number }> {
  const filter = ['--filter', `label=${LABEL}=${port}`];
  const containers = await lines(['ps', '--all', '--quiet', ...filter]);
  if (containers.length > 0) await runCommand('docker', ['rm', '--force', '--volumes', ...containers]);
  const networks = await lines(['network', 'ls', '--quiet', ...filter]);
  if (networks.length > 0) await runCommand('docker', ['network', 'rm', ...networks]);
  return { containers: containers.length, networks: networks.length };
}
