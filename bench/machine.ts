import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where the figures come from. */
export interface Machine {
  cores: number;
  processor: string;
  memoryGb: number;
  system: string;
  /** By name of the program; '' where there is none. */
  versions: Record<string, string>;
}

export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  const versions = await Promise.all([
    firstWords('terraform', ['version'], /Terraform v(\S+)/),
    firstWords('docker', ['version', '--format', '{{.Server.Version}}'], /(\S+)/),
    firstWords('aws', ['--version'], /aws-cli\/(\S+)/),
  ]);
  const [terraform = '', docker = '', aws = ''] = versions;
  return {
    cores: processors.length,
    processor: (processors[0]?.model ?? '').trim(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-')[0] ?? ''}`,
    versions: { Node: process.versions.node, Terraform: terraform, Docker: docker, 'AWS CLI': aws },
  };
}

/** How busy the machine was over the last minute: processes that ran or waited for a processor. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

async function firstWords(program: string, parameters: string[], pattern: RegExp): Promise<string> {
  const output = await run(program, parameters).catch(() => ({ stdout: '', stderr: '' }));
  return pattern.exec(`${output.stdout}${output.stderr}`)?.[1] ?? '';
}
