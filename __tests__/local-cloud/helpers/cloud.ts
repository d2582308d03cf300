/** A simulated cloud in this process, and requests to it as they are on the wire: no client that checks them first. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from '../../../local-cloud/cloud/server.ts';
import { existingPython } from '../../../local-cloud/setup/python.ts';
import { models } from './service-model.ts';

/** The virtual environment that `npm test` makes has both moto and the models. */
const python = await existingPython();

/** A suite that needs both. */
export const suiteWithModels = python !== undefined && models !== undefined ? describe : describe.skip;

/** What came back. */
export interface WireAnswer {
  status: number;
  /** Empty when the call succeeded. */
  code: string;
  message: string;
  body: string;
}

const SIGNING: Record<string, string> = { elbv2: 'elasticloadbalancing', cloudwatch: 'monitoring' };
const VERSIONS: Record<string, string> = {
  ...{ autoscaling: '2011-01-01', elbv2: '2015-12-01', ec2: '2016-11-15', rds: '2014-10-31' },
  ...{ iam: '2010-05-08', sts: '2011-06-15', sns: '2010-03-31', cloudwatch: '2010-08-01' },
};
const TARGETS: Record<string, string> = {
  ...{ ecr: 'AmazonEC2ContainerRegistry_V20150921', ssm: 'AmazonSSM', dynamodb: 'DynamoDB_20120810' },
  logs: 'Logs_20140328',
};

function entity(text: string): string {
  const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };
  return text.replace(/&(?:lt|gt|quot|amp);/g, (found) => entities[found] ?? found);
}

function readError(body: string): { code: string; message: string } {
  if (body.startsWith('{')) {
    const { __type, message = '' } = JSON.parse(body) as { __type?: string; message?: string };
    return { code: __type?.split('#').at(-1) ?? '', message };
  }
  const [, code = ''] = /<Code>([^<]*)<\/Code>/.exec(body) ?? [];
  const [, message = ''] = /<Message>([^<]*)<\/Message>/.exec(body) ?? [];
  return { code, message: entity(message) };
}

/** A cloud for all tests of a file, which `beforeAll` starts. */
export class CloudOfTests {
  readonly #options: Partial<LocalCloudOptions>;
  #folder = '';
  #cloud: LocalCloud | undefined;

  constructor(options: Partial<LocalCloudOptions> = {}) {
    this.#options = options;
    if (suiteWithModels === describe.skip) return;
    beforeAll(async () => {
      this.#folder = mkdtempSync(join(tmpdir(), 'asg-conformance-'));
      this.#cloud = await startLocalCloud({
        ...{ port: 0, instances: 'simulated', speed: 1, folder: this.#folder, python: python ?? '' },
        log: () => undefined,
        ...this.#options,
      });
    });
    afterAll(async () => {
      await this.#cloud?.close();
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  get endpoint(): string {
    return this.#cloud?.endpoint ?? '';
  }

  /** A client's options. It does not try twice. */
  get client() {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local-cloud' };
    return { endpoint: this.endpoint, region: 'eu-north-1', credentials, maxAttempts: 1 };
  }

  /** @param service botocore's name of it @param parameters as on the wire: a query's are flat already */
  async send(
    service: string,
    operation: string,
    parameters: object = {},
    region = 'eu-north-1',
  ): Promise<WireAnswer> {
    const scope = `Credential=local/20261122/${region}/${SIGNING[service] ?? service}/aws4_request`;
    const headers: Record<string, string> = { authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=0` };
    const target = TARGETS[service];
    let body: string;
    if (target === undefined) {
      headers['content-type'] = 'application/x-www-form-urlencoded';
      const Version = VERSIONS[service] ?? '';
      body = new URLSearchParams({ Action: operation, Version, ...parameters }).toString();
    } else {
      headers['x-amz-target'] = `${target}.${operation}`;
      headers['content-type'] = 'application/x-amz-json-1.1';
      body = JSON.stringify(parameters);
    }
    const answer = await fetch(this.endpoint, { method: 'POST', headers, body });
    const text = await answer.text();
    const error = answer.ok ? { code: '', message: '' } : readError(text);
    return { status: answer.status, ...error, body: text };
  }

  /** The answer's body. @throws Error when the call failed */
  async call(service: string, operation: string, parameters: object = {}, region?: string): Promise<string> {
    const answer = await this.send(service, operation, parameters, region);
    if (answer.code !== '' || answer.status >= 400)
      throw new Error(`${service}:${operation}: ${answer.body}`);
    return answer.body;
  }

  control(path: string, value: unknown): Promise<Response> {
    return fetch(`${this.endpoint}/_local${path}`, { method: 'POST', body: JSON.stringify(value) });
  }
}

function flat(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  if (Array.isArray(value)) {
    if (value.length === 0) return [[path, '']];
    return value.flatMap((item, index) => flat(item, `${path}.member.${index + 1}`));
  }
  return Object.entries(value).flatMap(([name, child]) =>
    flat(child, path === '' ? name : `${path}.${name}`),
  );
}

/** An input as the query protocol has it on the wire. */
export const asQuery = (input: object): Record<string, string> => Object.fromEntries(flat(input, ''));

/** What is in the first element of a name. */
export const found = (text: string, element: string): string =>
  // eslint-disable-next-line security/detect-non-literal-regexp -- the names are the tests' own
  new RegExp(`<${element}>([^<]+)</${element}>`).exec(text)?.[1] ?? '';
