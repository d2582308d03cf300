import { paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';
import type { Run } from '../run/index.ts';

/** More than a report can show; an environment has a few dozen. */
const most = 200;

/**
 * Names of the parameters below /<application>/<environment>, the path that the bundled root gives its service. Names
 * only: no value is read. undefined when the role may not list them.
 */
export async function parameterNames({ inputs, aws, log }: Run): Promise<string[] | undefined> {
  const client = new SSMClient(aws.clientConfiguration);
  const path = `/${inputs.application}/${inputs.environment}`;
  const names: string[] = [];
  try {
    const pages = paginateDescribeParameters(
      { client, pageSize: 50 },
      { ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [path] }] },
    );
    for await (const { Parameters = [] } of pages) {
      names.push(...Parameters.flatMap(({ Name }) => Name ?? []));
      if (names.length >= most) break;
    }
    return names.sort();
  } catch (error) {
    log.debug(`parameters under ${path}: ${String(error)}`);
    return undefined;
  } finally {
    client.destroy();
  }
}
