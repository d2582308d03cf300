/**
 * The schema of AWS provider 6.x, out of an npm package that is generated from it (CDK Terrain's bindings: one folder a
 * resource, data source or ephemeral resource). Terraform itself needs the provider for that, and tests can't count on 6.x.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { homeFolder } from '../../local-cloud/host/index.ts';

const execute = promisify(execFile);

const bindings = { name: '@cdktn/provider-aws', version: '25.7.0' };

/** What a configuration may name in a block. */
export interface Schema {
  /** Arguments and nested blocks, the latter with what is in them. */
  arguments: Map<string, Schema | undefined>;
}

export interface TypeSchema extends Schema {
  /** What an expression may ask of it, and of what it then has. */
  attributes: Set<string>;
  nestedAttributes: Set<string>;
}

export type Kind = 'resource' | 'data' | 'ephemeral' | 'provider';

/** The bindings' folder of a type: aws_db_instance is db-instance, its data source data-aws-db-instance. */
function folderOf(kind: Kind, type: string): string {
  const words = type.replaceAll('_', '-');
  if (kind === 'provider') return 'provider';
  return kind === 'resource' ? words.replace(/^aws-/, '') : `${kind}-${words}`;
}

/** The package as it comes from the registry; kept between runs (46 MB), in a folder that is not committed. */
async function archive(): Promise<string> {
  const folder = join(homeFolder(), 'provider-schema');
  const file = join(folder, `${bindings.version}.tgz`);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).includes(`${bindings.version}.tgz`)) return file;
  const download = await mkdtemp(join(folder, 'download-'));
  const wanted = `${bindings.name}@${bindings.version}`;
  await execute('npm', ['pack', wanted, '--silent', '--pack-destination', download]);
  const [packed = ''] = await readdir(download);
  await rename(join(download, packed), file);
  await rm(download, { recursive: true });
  return file;
}

/** Provider schemas by kind and type. */
export class ProviderSchemas {
  readonly version: string;
  readonly #sources: Map<string, string>;

  private constructor(version: string, sources: Map<string, string>) {
    this.version = version;
    this.#sources = sources;
  }

  /**
   * Reads the schemas of these types.
   * @throws Error when the package can't be had
   */
  static async read(wanted: Iterable<[Kind, string]>): Promise<ProviderSchemas> {
    const folders = new Set([...wanted].map(([kind, type]) => folderOf(kind, type)));
    const file = await archive();
    const unpacked = await mkdtemp(join(tmpdir(), 'provider-schema-'));
    try {
      // A type that does not exist is no error of tar's: the test is there to say so.
      const members = [...folders].map((folder) => `package/lib/${folder}/index.js`);
      await execute('tar', ['-xzf', file, '-C', unpacked, 'package/package.json', ...members]).catch(
        () => '',
      );
      const { cdktn } = JSON.parse(await readFile(join(unpacked, 'package/package.json'), 'utf8')) as {
        cdktn: { provider: { version: string } };
      };
      const there = await readdir(join(unpacked, 'package/lib'));
      const sources = new Map<string, string>();
      for (const folder of there)
        sources.set(folder, await readFile(join(unpacked, 'package/lib', folder, 'index.js'), 'utf8'));
      return new ProviderSchemas(cdktn.provider.version, sources);
    } finally {
      await rm(unpacked, { recursive: true });
    }
  }

  /** Undefined when the provider has no such type. */
  find(kind: Kind, type: string): TypeSchema | undefined {
    const source = this.#sources.get(folderOf(kind, type));
    return source === undefined ? undefined : schemaIn(source);
  }
}

/** `name: xToTerraform(…)` in what a block or resource is turned into; the function names the nested block. */
function schemaOf(body: string, functions: Map<string, string>): Schema {
  const found: Schema = { arguments: new Map() };
  for (const [, name = '', value = ''] of body.matchAll(/^ +(\w+): (.+),$/gm)) {
    const [, nested = ''] = /(?:^|\()([a-z]\w*ToTerraform)\b/.exec(value) ?? [];
    const inner = functions.get(nested);
    found.arguments.set(name, inner === undefined ? undefined : schemaOf(inner, functions));
  }
  return found;
}

function attributesIn(source: string): Set<string> {
  const found = source.matchAll(/(?:Attribute\('|\(this, ["'])(\w+)["']/g);
  return new Set([...found].map(([, name = '']) => name));
}

/** The class of the type itself comes after those of its blocks. */
function schemaIn(source: string): TypeSchema {
  const functions = new Map(
    [...source.matchAll(/^function (\w+ToTerraform)\(struct\) \{([\s\S]*?)^\}/gm)].map(
      ([, name = '', body = '']) => [name, body],
    ),
  );
  const itself = source.slice(
    source.search(/ extends cdktn\.Terraform(Resource|DataSource|Ephemeral|Provider)/),
  );
  const body = /^ {4}synthesizeAttributes\(\) \{([\s\S]*?)^ {4}\}/m.exec(itself)?.[1] ?? '';
  return {
    ...schemaOf(body, functions),
    attributes: attributesIn(itself),
    nestedAttributes: attributesIn(source),
  };
}
