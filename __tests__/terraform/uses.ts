/** What a Terraform root uses of a provider, and what of that a version of the provider does not have. */
import { parseHcl } from '../../scripts/docs/hcl.ts';
import type { Kind, ProviderSchemas, Schema, TypeSchema } from './provider-schema.ts';

/** Arguments and blocks that are Terraform's own. */
const metaArguments = new Set(['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'provisioner']);

type Body = Record<string, unknown>;

/** A resource, data source, ephemeral resource or provider; a nested block is an argument whose value is a list of bodies. */
interface Block {
  kind: Kind;
  type: string;
  /** '' for a provider. */
  name: string;
  body: Body;
}

/** What a file declares, and the text of all its expressions and strings. */
interface Source {
  blocks: Block[];
  text: string;
}

interface Reference {
  kind: Kind;
  type: string;
  attribute: string;
  /** What is asked of the attribute's only element. */
  nested?: string | undefined;
}

const kinds = { 'data.': 'data', 'ephemeral.': 'ephemeral', '': 'resource' } as const;
const kindOf = (prefix = ''): Kind => kinds[prefix as keyof typeof kinds];

/* eslint-disable security/detect-unsafe-regex -- these read our own files */
const direct = /\b(data\.|ephemeral\.)?(aws_\w+)\.\w+(?:\[[^\]]*\])*\.(\w+)(?:\)\.(\w+))?/g;
const inLoop = /\bfor (?:\w+, )?(\w+) in (?:values\()?(data\.)?(aws_\w+)\.\w+\)? :/g;
/* eslint-enable security/detect-unsafe-regex */

/** `aws_lb.main.arn`, `one(aws_x.main[0].list).name`, and what loops ask of each instance. */
function references(source: string): Reference[] {
  const found = [...source.matchAll(direct)].map(([, prefix, type = '', attribute = '', nested]) => ({
    ...{ kind: kindOf(prefix), type, attribute, nested },
  }));
  for (const { 1: variable = '', 2: prefix, 3: type = '', index, 0: head } of source.matchAll(inLoop)) {
    const rest = source.slice(index + head.length).split('\n')[0] ?? '';
    for (const [, name = '', attribute = ''] of rest.matchAll(/\b(\w+)\.(\w+)/g))
      if (name === variable) found.push({ kind: kindOf(prefix), type, attribute, nested: undefined });
  }
  return found;
}

/** Every string in a value, a line each; comments within an expression are left out. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.replace(/^\s*#.*$/gm, '');
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textOf).join('\n');
}

async function read(source: string): Promise<Source> {
  const file = await parseHcl(source);
  const labelled = (['resource', 'data', 'ephemeral'] as const).flatMap((kind) =>
    Object.entries((file[kind] ?? {}) as Record<string, Record<string, Body[]>>).flatMap(([type, named]) =>
      Object.entries(named).map(([name, [body = {}]]): Block => ({ kind, type, name, body })),
    ),
  );
  const providers = Object.entries((file.provider ?? {}) as Record<string, Body[]>).flatMap(
    ([type, bodies]) => bodies.map((body): Block => ({ kind: 'provider', type, name: '', body })),
  );
  return {
    blocks: [...labelled, ...providers].filter(({ type }) => /^aws(_|$)/.test(type)),
    text: textOf(file),
  };
}

/** Kind and type of everything that is declared or referred to. */
export async function typesIn(sources: string[]): Promise<[Kind, string][]> {
  const files = await Promise.all(sources.map(read));
  return files.flatMap(({ blocks, text }) =>
    [...blocks, ...references(text)].map(({ kind, type }): [Kind, string] => [kind, type]),
  );
}

/** The blocks that an argument holds: a `dynamic` one those that it makes. */
function nestedIn(body: Body): [name: string, inner: Body[]][] {
  const { dynamic = {}, ...plain } = body;
  const made = Object.entries(dynamic as Record<string, { content: Body[] }[]>).map(
    ([name, blocks]): [string, Body[]] => [name, blocks.flatMap(({ content }) => content)],
  );
  const isBodies = (value: unknown): value is Body[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null);
  return [
    ...made,
    ...Object.entries(plain).map(([name, value]): [string, Body[]] => [name, isBodies(value) ? value : []]),
  ];
}

/** Paths that a block names and the schema does not have. */
function unknownIn(body: Body, schema: Schema, path: string): string[] {
  return nestedIn(body)
    .filter(([name]) => !metaArguments.has(name))
    .flatMap(([name, inner]) => {
      if (!schema.arguments.has(name)) return [`${path}.${name}`];
      const nested = schema.arguments.get(name);
      return nested === undefined ? [] : inner.flatMap((one) => unknownIn(one, nested, `${path}.${name}`));
    });
}

/** `a[0].b` under ignore_changes is the path a.b of the resource. */
function unknownIgnored({ lifecycle }: Body, schema: TypeSchema, path: string): string[] {
  const [{ ignore_changes: ignored = [] } = {}] = (lifecycle ?? []) as {
    ignore_changes?: string[] | string;
  }[];
  const paths = [ignored].flat().map((one) => one.replace(/^\$\{(.*)\}$/, '$1').replace(/\[\d+\]/g, ''));
  return paths
    .filter((one) => one !== 'all')
    .filter((one) => {
      let at: Schema | undefined = schema;
      const names = one.split('.');
      return !names.every((name, index) => {
        const known = at?.arguments.has(name) === true;
        at = at?.arguments.get(name);
        return known && (index === names.length - 1 || at !== undefined);
      });
    })
    .map((one) => `${path} ignores ${one}`);
}

function missingInBlock({ kind, type, name, body }: Block, schemas: ProviderSchemas): string[] {
  const schema = schemas.find(kind, type);
  if (schema === undefined) return [`${kind} ${type}`];
  const path = [...(kind === 'resource' ? [] : [kind]), type, ...(name === '' ? [] : [name])].join('.');
  const self = [...textOf(body).matchAll(/\bself\.(\w+)/g)].map(([, attribute = '']) => attribute);
  return [
    ...unknownIn(body, schema, path),
    ...unknownIgnored(body, schema, path),
    ...self.filter((attribute) => !schema.attributes.has(attribute)).map((one) => `${path} self.${one}`),
  ];
}

function missingReference({ kind, type, attribute, nested }: Reference, schemas: ProviderSchemas): string[] {
  const schema = schemas.find(kind, type);
  if (schema === undefined) return [`${kind} ${type}`];
  if (!schema.attributes.has(attribute)) return [`${kind} ${type} attribute ${attribute}`];
  if (nested === undefined || schema.nestedAttributes.has(nested)) return [];
  return [`${kind} ${type} attribute ${attribute}.${nested}`];
}

/** Everything that the sources use and the provider does not have: types, arguments, blocks, attributes. Sorted. */
export async function missingIn(sources: string[], schemas: ProviderSchemas): Promise<string[]> {
  const files = await Promise.all(sources.map(read));
  const missing = files.flatMap(({ blocks, text }) => [
    ...blocks.flatMap((block) => missingInBlock(block, schemas)),
    ...references(text).flatMap((reference) => missingReference(reference, schemas)),
  ]);
  return [...new Set(missing)].sort();
}
