/** Files of Terraform as HashiCorp's own parser reads them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A block by its arguments: an expression is a string `${…}`, a literal is its value. */
export interface Declaration {
  description?: string;
  type?: string;
  default?: unknown;
  [argument: string]: unknown;
}

export interface Range {
  start: { byte: number };
  end: { byte: number };
}

/** What is read of an expression's syntax tree. Ranges count bytes from the expression's beginning. */
export interface Node {
  type: string;
  children: Node[];
  range: Range;
  meta?: { name?: string; value?: string; argsRanges?: Range[] };
}

/** Blocks by kind and labels; those without labels are lists. */
export type HclFile = Record<string, unknown>;

/** What is used of HashiCorp's parser. The package's own types would bring the DOM's into the whole program. */
interface Parser {
  parse: (file: string, source: string) => Promise<HclFile>;
  getExpressionAst: (file: string, expression: string) => Promise<Node>;
}

const parser = createRequire(import.meta.url)('@cdktn/hcl2json') as Parser;

/**
 * Blocks of one kind in a file, by name, in the order of the file (the parser gives them sorted).
 * @throws Error where the file does not parse
 */
export async function declarations(
  file: string,
  kind: 'variable' | 'output' | 'module',
): Promise<[string, Declaration][]> {
  const source = readFileSync(file, 'utf8');
  const blocks = ((await parseHcl(source))[kind] ?? {}) as Record<string, Declaration[]>;
  const position = (name: string): number => source.indexOf(`${kind} "${name}"`);
  return Object.entries(blocks)
    .map(([name, [declaration]]): [string, Declaration] => [name, declaration ?? {}])
    .sort(([a], [b]) => position(a) - position(b));
}

/** `${string}` without its wrapping; what is not given may be anything. */
export const expression = (text = 'any'): string => text.replace(/^\$\{([\s\S]*)\}$/, '$1');

/**
 * A file by its blocks, their arguments as in a Declaration and nested blocks as lists.
 * @throws Error where it does not parse
 */
export const parseHcl = (source: string): Promise<HclFile> => parser.parse('file.tf', source);

/** The syntax tree of an expression. */
export const syntaxTree = (text: string): Promise<Node> => parser.getExpressionAst('expression', text);
