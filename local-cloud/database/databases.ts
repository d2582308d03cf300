/**
 * RDS with a real PostgreSQL behind it. moto keeps the metadata and names the endpoint; a container answers at
 * that name on the instances' network. TLS is offered, with the image's self-signed certificate, and not
 * forced as RDS's parameter rds.force_ssl would; the engine is Debian's PostgreSQL whatever version was asked.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type AnswerFilter, type ApiCall, ApiError } from '../gateway/index.ts';
import { LABEL, lastLines, runCommand } from '../host/index.ts';

/** Built by the set-up from local-cloud/database/image/. */
export const POSTGRES_IMAGE = 'asg-deploy-local/postgres';
/** A machine that is busy takes a minute and more to start a container. */
const READY_SECONDS = 180;

export interface DatabaseOptions {
  /** The run's port: names containers and labels them. */
  port: number;
  network: string;
  log: (line: string) => void;
}

const textOf = ({ parameters }: ApiCall, name: string): string | undefined => {
  const value = parameters[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** PostgreSQL's literal and identifier quoting (SQL syntax, 4.1.2.1 and 4.1.1). */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (text: string): string => `"${text.replaceAll('"', '""')}"`;

async function docker(parameters: string[], options: Parameters<typeof runCommand>[2] = {}): Promise<string> {
  const result = await runCommand('docker', parameters, options);
  if (result.exitCode === 0) return result.stdout.trim();
  throw new ApiError('InternalFailure', `docker ${parameters[0]} failed: ${lastLines(result)}`, 500);
}

/** The PostgreSQL containers of this run, one per database instance. What RDS says of them is moto's. */
export class Databases {
  readonly #options: DatabaseOptions;
  /** Database instance identifier to master user. */
  readonly #masters = new Map<string, string>();

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  #container(call: ApiCall): string {
    const id = (textOf(call, 'DBInstanceIdentifier') ?? '').toLowerCase();
    // RDS takes letters, digits and hyphens; so do container names.
    return `asg-local-db-${this.#options.port}-${id.replace(/[^a-z0-9-]/g, '-')}`;
  }

  async #create(call: ApiCall, body: string): Promise<string> {
    const address = /<Address>([^<]+)<\/Address>/.exec(body)?.[1];
    const engine = textOf(call, 'Engine') ?? '';
    if (address === undefined || !engine.includes('postgres')) return body;
    const user = textOf(call, 'MasterUsername') ?? 'postgres';
    const password = textOf(call, 'MasterUserPassword');
    // eslint-disable-next-line security/detect-possible-timing-attacks -- nothing is compared with a secret
    if (password === undefined) {
      const what =
        'The local cloud starts PostgreSQL with a MasterUserPassword; it does not manage one in Secrets Manager.';
      throw new ApiError('InvalidParameterCombination', what);
    }
    const name = this.#container(call);
    const label = `${LABEL}=${this.#options.port}`;
    await docker(
      // The values of -e come from the client's environment, so that none is in an argument list.
      ['run', '--detach', '--name', name, '--label', label, '--network', this.#options.network]
        .concat(['--network-alias', address, '-e', 'POSTGRES_USER', '-e', 'POSTGRES_PASSWORD'])
        .concat(['-e', 'POSTGRES_DB', POSTGRES_IMAGE]),
      {
        environment: {
          POSTGRES_USER: user,
          POSTGRES_PASSWORD: password,
          POSTGRES_DB: textOf(call, 'DBName') ?? 'postgres',
        },
      },
    );
    this.#masters.set(name, user);
    await this.#ready(name);
    this.#options.log(`database: ${name} answers at ${address}:5432 on the network ${this.#options.network}`);
    return body;
  }

  async #ready(name: string): Promise<void> {
    const deadline = Date.now() + READY_SECONDS * 1000;
    for (;;) {
      const ready = await runCommand('docker', [
        'exec',
        name,
        'pg_isready',
        '--quiet',
        '--host',
        '127.0.0.1',
      ]);
      if (ready.exitCode === 0) return;
      if (Date.now() > deadline) {
        const said = lastLines(await runCommand('docker', ['logs', '--tail', '20', name]));
        throw new ApiError(
          'InternalFailure',
          `PostgreSQL was not ready after ${READY_SECONDS} s: ${said}`,
          500,
        );
      }
      await delay(150);
    }
  }

  async #modify(call: ApiCall, body: string): Promise<string> {
    const password = textOf(call, 'MasterUserPassword');
    const name = this.#container(call);
    const user = this.#masters.get(name);
    if (password === undefined || user === undefined) return body;
    const sql = `ALTER USER ${identifier(user)} PASSWORD ${literal(password)};\n`;
    const psql = ['exec', '--interactive', name, 'psql', '--quiet', '--set', 'ON_ERROR_STOP=1'];
    await docker([...psql, '--username', user, '--dbname', 'postgres'], { input: sql });
    return body;
  }

  async #remove(call: ApiCall, body: string): Promise<string> {
    const name = this.#container(call);
    if (this.#masters.delete(name)) await docker(['rm', '--force', '--volumes', name]);
    return body;
  }

  async #power(call: ApiCall, body: string): Promise<string> {
    const name = this.#container(call);
    const command = call.operation === 'StopDBInstance' ? 'stop' : 'start';
    if (this.#masters.has(name)) await docker([command, name]);
    if (command === 'start') await this.#ready(name);
    return body;
  }

  /** What the gateway applies to moto's answers. */
  filters(): AnswerFilter[] {
    const filter = (operations: string[], apply: AnswerFilter['apply']): AnswerFilter => ({
      service: 'rds',
      operations,
      apply,
    });
    return [
      filter(['CreateDBInstance'], (call, body) => this.#create(call, body)),
      filter(['ModifyDBInstance'], (call, body) => this.#modify(call, body)),
      filter(['DeleteDBInstance'], (call, body) => this.#remove(call, body)),
      filter(['StartDBInstance', 'StopDBInstance'], (call, body) => this.#power(call, body)),
    ];
  }

  async close(): Promise<void> {
    const names = [...this.#masters.keys()];
    this.#masters.clear();
    if (names.length > 0) await runCommand('docker', ['rm', '--force', '--volumes', ...names]);
  }
}
