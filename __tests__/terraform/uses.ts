/** What a Terraform root uses of a provider, and what of that a version of the provider does not have. */
import { readBlocks } from './hcl.ts';
import type { Block } from './hcl.ts';
import type { Kind, ProviderSchemas, Schema, TypeSchema } from './provider-schema.ts';

/** Arguments and blocks that are Terraform's own. */
const metaArguments = new Set(['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'provisioner']);

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

const isProviders = ({ type, labels: [label = ''] }: Block): boolean =>
  label.startsWith('aws_') || (type === 'provider' && label === 'aws');

const withoutComments = (blocks: Block[]): string => blocks.map(({ text }) => text).join('\n');

/** Kind and type of everything that is declared or referred to. */
export function typesIn(sources: string[]): [Kind, string][] {
  const blocks = sources.flatMap(readBlocks);
  return [
    ...blocks.filter(isProviders).map(({ type, labels }): [Kind, string] => [type as Kind, labels[0] ?? '']),
    ...references(withoutComments(blocks)).map(({ kind, type }): [Kind, string] => [kind, type]),
  ];
}

/** Paths that a block names and the schema does not have. */
function unknownIn(block: Block, schema: Schema | undefined, path: string): string[] {
  const names = block.arguments.filter((name) => !metaArguments.has(name));
  return [
    ...names.filter((name) => schema?.arguments.has(name) !== true).map((name) => `${path}.${name}`),
    ...block.blocks
      .filter(({ type }) => !metaArguments.has(type))
      .flatMap((inner) => {
        const found = schema?.arguments.get(inner.type);
        const inside = `${path}.${inner.type}`;
        return found === undefined ? [inside] : unknownIn(inner, found, inside);
      }),
  ];
}

/** `a[0].b` under ignore_changes is the path a.b of the resource. */
function unknownIgnored({ blocks }: Block, schema: TypeSchema, path: string): string[] {
  const list = blocks.map(({ text }) => /ignore_changes = \[([^=]*)\]/.exec(text)?.[1] ?? '').join();
  const paths = list
    .split(',')
    .map((one) => one.trim().replace(/\[\d+\]/g, ''))
    .filter((one) => one !== '');
  return paths
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

/** Everything that the sources use and the provider does not have: types, arguments, blocks, attributes. Sorted. */
export function missingIn(sources: string[], schemas: ProviderSchemas): string[] {
  const blocks = sources.flatMap(readBlocks);
  const missing = blocks.filter(isProviders).flatMap((block) => {
    const [type = '', name = ''] = block.labels;
    const path = block.type === 'resource' ? `${type}.${name}` : `${block.type}.${type}.${name}`;
    const schema = schemas.find(block.type as Kind, type);
    if (schema === undefined) return [`${block.type} ${type}`];
    const self = [...block.text.matchAll(/\bself\.(\w+)/g)].map(([, attribute = '']) => attribute);
    return [
      ...unknownIn(block, schema, path),
      ...unknownIgnored(block, schema, path),
      ...self.filter((attribute) => !schema.attributes.has(attribute)).map((one) => `${path} self.${one}`),
    ];
  });
  for (const { kind, type, attribute, nested } of references(withoutComments(blocks))) {
    const schema = schemas.find(kind, type);
    if (schema === undefined) missing.push(`${kind} ${type}`);
    else if (!schema.attributes.has(attribute)) missing.push(`${kind} ${type} attribute ${attribute}`);
    else if (nested !== undefined && !schema.nestedAttributes.has(nested))
      missing.push(`${kind} ${type} attribute ${attribute}.${nested}`);
  }
  return [...new Set(missing)].sort();
}
