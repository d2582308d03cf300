import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { callJson } from './client.ts';

interface Parameter {
  Name: string;
  Value: string;
  Type: string;
}

/** Parameter Store as an operator uses it. */
export class Parameters {
  readonly #cloud: CloudDescription;

  constructor(cloud: CloudDescription) {
    this.#cloud = cloud;
  }

  /** What an instance reads at boot: names below the path, with their decrypted values. */
  async read(path: string): Promise<Record<string, string>> {
    const { Parameters: found } = await this.#call<{ Parameters: Parameter[] }>('GetParametersByPath', {
      Path: path,
      WithDecryption: true,
    });
    return Object.fromEntries(found.map(({ Name, Value }) => [Name.slice(path.length + 1), Value]));
  }

  /** `aws ssm put-parameter --overwrite`. */
  async overwrite(name: string, value: string): Promise<void> {
    await this.#call('PutParameter', { Name: name, Value: value, Overwrite: true });
  }

  #call<T>(operation: string, body: Record<string, unknown>): Promise<T> {
    return callJson<T>(this.#cloud, { service: 'ssm', target: `AmazonSSM.${operation}` }, body);
  }
}
