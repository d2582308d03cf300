import type { Node } from 'web-tree-sitter';
import type { Value } from './value.ts';
import { Computed } from './value.ts';

/** The children of a node that mean something. */
export function childrenOf(node: Node): Node[] {
  return node.namedChildren.filter(({ type }) => type !== 'comment');
}

/** The value of an expression of the grammar, as far as it is known as it is written. */
export function valueOf(node: Node): Value {
  const children = childrenOf(node);
  const [only] = children;
  switch (node.type) {
    // More than one child is an index or attribute of the first.
    case 'expression':
    case 'literal_value':
    case 'collection_value':
    case 'template_expr':
    case 'operation':
      return only !== undefined && children.length === 1 ? valueOf(only) : new Computed(node.text);
    case 'bool_lit':
      return node.text === 'true';
    case 'null_lit':
      return null;
    case 'numeric_lit':
      return numberOf(node.text);
    case 'unary_operation':
      return negative(node, only);
    case 'tuple':
      return children.filter(({ type }) => type === 'expression').map(valueOf);
    case 'object':
      return objectOf(children);
    case 'function_call':
      return callOf(node, children);
    case 'string_lit':
    case 'quoted_template':
      return isTemplate(node) ? new Computed(node.text) : unescaped(node.text.slice(1, -1));
    case 'heredoc_template':
      return isTemplate(node) ? new Computed(node.text) : heredoc(node.text);
    default:
      return new Computed(node.text);
  }
}

/** A number; as its text where JavaScript's would be another one. */
function numberOf(text: string): Value {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}

function negative(node: Node, operand: Node | undefined): Value {
  const value = operand === undefined ? undefined : valueOf(operand);
  return node.text.startsWith('-') && typeof value === 'number' ? -value : new Computed(node.text);
}

function objectOf(elements: readonly Node[]): Value {
  return Object.fromEntries(
    elements.flatMap((element): [string, Value][] => {
      const key = element.childForFieldName('key');
      const value = element.childForFieldName('val');
      if (!key || !value) return [];
      const name = keyOf(key);
      return name === undefined ? [[key.text, new Computed(element.text)]] : [[name, valueOf(value)]];
    }),
  );
}

/** A name stands for itself as a key of an object. */
function keyOf(node: Node): string | undefined {
  const [only] = childrenOf(node);
  if (only?.type === 'variable_expr' && node.text === only.text) return node.text;
  const value = valueOf(node);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function callOf(node: Node, [name, given]: readonly Node[]): Value {
  const list = given === undefined ? [] : childrenOf(given).filter(({ type }) => type === 'expression');
  return new Computed(node.text, { name: name?.text ?? '', given: list.map(valueOf) });
}

function isTemplate(node: Node): boolean {
  return node.namedChildren.some(
    ({ type }) => type === 'template_interpolation' || type === 'template_directive',
  );
}

const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  $: '${',
  '%': '%{',
};

/** https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
function unescaped(text: string): string {
  return text.replace(
    /\\(u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)|([$%])\2\{/g,
    (whole, escape?: string, sign?: string) => {
      const letter = escape ?? sign ?? '';
      return letter.length > 1
        ? String.fromCodePoint(parseInt(letter.slice(1), 16))
        : (escapes[letter] ?? whole);
    },
  );
}

/** The text between the two markers; `<<-` takes away the spaces that all its lines begin with. */
function heredoc(text: string): string {
  const lines = text.split('\n');
  const content = lines.slice(1, -1);
  const written = content.filter((line) => line.trim() !== '');
  const indented = text.startsWith('<<-') ? Math.min(...written.map(spacesBefore)) : 0;
  const shown = content.map((line) => (line.trim() === '' ? line : line.slice(indented)));
  return shown.map((line) => `${line}\n`.replace(/([$%])\1\{/g, '$1{')).join('');
}

function spacesBefore(line: string): number {
  return line.length - line.trimStart().length;
}
