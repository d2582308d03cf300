import { readFile } from 'node:fs/promises';
import type * as TreeSitter from 'web-tree-sitter';
import type { Node, Parser as TreeParser } from 'web-tree-sitter';
import type { Block, Body, Document, Position } from './body.ts';
import { emptyBody } from './body.ts';
import { childrenOf, valueOf } from './expression.ts';

/** Reads configuration in HCL. */
export type ReadHcl = (text: string) => Document;

let loaded: Promise<ReadHcl> | undefined;

/** Loads the grammar of HCL, once: a tenth of a second that only those pay who have something to read. */
export function loadHcl(): Promise<ReadHcl> {
  return (loaded ??= load());
}

async function load(): Promise<ReadHcl> {
  // Written out, so that the bundler takes the files along; of the library it can only bundle the CommonJS one.
  // @ts-expect-error its types are those of the package's name
  const module: unknown = await import('../../node_modules/web-tree-sitter/web-tree-sitter.cjs');
  const { Language, Parser } = module as typeof TreeSitter;
  const library = new URL('../../node_modules/web-tree-sitter/web-tree-sitter.wasm', import.meta.url);
  const grammar = new URL(
    '../../node_modules/@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm',
    import.meta.url,
  );
  await Parser.init({ wasmBinary: await readFile(library) });
  const parser = new Parser();
  parser.setLanguage(await Language.load(await readFile(grammar)));
  return (text) => read(parser, text.replace(/^\uFEFF/, ''));
}

function read(parser: TreeParser, text: string): Document {
  const tree = parser.parse(text);
  if (!tree) throw new Error('the HCL parser was interrupted');
  try {
    const { rootNode } = tree;
    return { body: bodyOf([rootNode]), error: rootNode.hasError ? errorIn(rootNode) : undefined };
  } finally {
    tree.delete();
  }
}

/** Everything is read out of the tree at once, which lies in memory of the library's and goes away. */
function bodyOf(parts: readonly Node[]): Body {
  const nodes = parts.flatMap(contentOf);
  const attributes = nodes.filter(({ type }) => type === 'attribute').map(attributeOf);
  const blocks = nodes.filter(({ type }) => type === 'block').map(blockOf);
  const said = nodes.filter(({ type }) => type === 'attribute' || type === 'block');
  return {
    names: said.map((node) => childrenOf(node)[0]?.text ?? ''),
    attributes: Object.fromEntries(attributes),
    blocks: (type, labels) => blocks.filter((one) => one.type === type && one.labels.length === labels),
  };
}

/** What stands beside a mistake is read as well. */
function contentOf(node: Node): Node[] {
  const wraps = ['config_file', 'body', 'ERROR'].includes(node.type);
  return wraps ? childrenOf(node).flatMap(contentOf) : [node];
}

function attributeOf(node: Node): [string, ReturnType<typeof valueOf>] {
  const [name, value] = childrenOf(node);
  return [name?.text ?? '', value === undefined ? null : valueOf(value)];
}

function blockOf(node: Node): Block & { type: string } {
  const [type, ...rest] = childrenOf(node);
  const labels = rest.filter((one) => one.type === 'string_lit' || one.type === 'identifier');
  const body = rest.find((one) => one.type === 'body');
  return {
    type: type?.text ?? '',
    labels: labels.map(labelOf),
    body: body === undefined ? emptyBody : bodyOf([body]),
  };
}

/** A label is a name, or a text without a template. */
function labelOf(node: Node): string {
  const value = node.type === 'identifier' ? undefined : valueOf(node);
  return typeof value === 'string' ? value : node.text;
}

/** Where the innermost first thing stands that does not belong there, or lacks. */
function errorIn(node: Node): Position {
  const inner = node.children.find((child) => child.hasError || child.isMissing);
  if (inner) return errorIn(inner);
  return { line: node.startPosition.row + 1, column: node.startPosition.column + 1 };
}
