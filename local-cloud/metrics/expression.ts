/**
 * Metric math: the part of CloudWatch's language that alarms on rates are written in. Arithmetic, comparisons, AND and
 * OR, IF, FILL, and SUM, AVG, MIN, MAX, ABS, CEIL and FLOOR. Rules: "Using math expressions with CloudWatch metrics".
 */
import type { Series } from './store.ts';

/** The expression is not one, or uses what is not here. The message names it. */
export class ExpressionError extends Error {}

type Node =
  | { kind: 'number'; value: number }
  | { kind: 'id'; name: string }
  | { kind: 'list'; items: Node[] }
  | { kind: 'call'; name: string; items: Node[] }
  | { kind: 'binary'; operator: string; left: Node; right: Node };

type Value = number | Series | Series[];

/** What an expression reads. */
export interface Inputs {
  /** Undefined when no query has the id. */
  series(id: string): Series | undefined;
  /** The beginnings of all periods that are looked at: where FILL fills. */
  times: readonly number[];
}

const TOKEN = /\s*([\d.]+|[A-Za-z_][A-Za-z0-9_]*|==|!=|<=|>=|&&|\|\||[-+*/^%<>(),[\]])/y;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const word = TOKEN.exec(text)?.[1];
    if (word === undefined)
      throw new ExpressionError(`it can not be read from "${text.slice(at).trim()}" on`);
    tokens.push(word);
  }
  return tokens;
}

/** Operators from the loosest to the tightest; those of one line go from left to right. */
const OPERATORS = [
  ['OR', '||'],
  ['AND', '&&'],
  ['==', '!=', '<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '%'],
  ['^'],
];

const WORDS: Record<string, string> = { AND: '&&', OR: '||' };

class Parser {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  whole(): Node {
    const node = this.#binary(0);
    if (this.#at < this.#tokens.length)
      throw new ExpressionError(`"${this.#tokens[this.#at] ?? ''}" is not expected`);
    return node;
  }

  #take(): string {
    const word = this.#tokens[this.#at];
    if (word === undefined) throw new ExpressionError('it ends too early');
    this.#at += 1;
    return word;
  }

  #expect(wanted: string): void {
    const word = this.#take();
    if (word !== wanted) throw new ExpressionError(`"${word}" is where "${wanted}" should be`);
  }

  #binary(level: number): Node {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let next = this.#tokens[this.#at]; next !== undefined && operators.includes(next.toUpperCase());) {
      this.#at += 1;
      const operator = WORDS[next.toUpperCase()] ?? next;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
      next = this.#tokens[this.#at];
    }
    return left;
  }

  #unary(): Node {
    if (this.#tokens[this.#at] !== '-') return this.#primary();
    this.#at += 1;
    return { kind: 'binary', operator: '-', left: { kind: 'number', value: 0 }, right: this.#unary() };
  }

  #primary(): Node {
    const word = this.#take();
    if (word === '(') {
      const node = this.#binary(0);
      this.#expect(')');
      return node;
    }
    if (word === '[') return { kind: 'list', items: this.#items(']') };
    if (/^[\d.]/.test(word)) {
      if (Number.isNaN(Number(word))) throw new ExpressionError(`"${word}" is no number`);
      return { kind: 'number', value: Number(word) };
    }
    if (!/^[A-Za-z_]/.test(word)) throw new ExpressionError(`"${word}" is not expected`);
    if (this.#tokens[this.#at] !== '(') return { kind: 'id', name: word };
    this.#at += 1;
    return { kind: 'call', name: word.toUpperCase(), items: this.#items(')') };
  }

  #items(end: string): Node[] {
    const items: Node[] = [];
    while (this.#tokens[this.#at] !== end) {
      if (items.length > 0) this.#expect(',');
      items.push(this.#binary(0));
    }
    this.#at += 1;
    return items;
  }
}

const truth = (holds: boolean): number => (holds ? 1 : 0);

const ARITHMETIC: Record<string, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': (left, right) => left ** right,
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '>': (left, right) => truth(left > right),
  '<=': (left, right) => truth(left <= right),
  '>=': (left, right) => truth(left >= right),
  '&&': (left, right) => truth(left !== 0 && right !== 0),
  '||': (left, right) => truth(left !== 0 || right !== 0),
};

/**
 * Puts values together moment by moment. A moment that one of the series does not have is missing in the result, and
 * so is what is no number (a division by zero).
 */
function combine(values: readonly (number | Series)[], by: (values: number[]) => number): number | Series {
  const [first, ...more] = values.filter((value) => typeof value !== 'number');
  if (first === undefined) return by(values as number[]);
  const result: Series = new Map();
  for (const at of first.keys()) {
    if (!more.every((series) => series.has(at))) continue;
    const value = by(values.map((each) => (typeof each === 'number' ? each : (each.get(at) ?? 0))));
    if (Number.isFinite(value)) result.set(at, value);
  }
  return result;
}

function flat(value: Value): number | Series {
  if (Array.isArray(value)) throw new ExpressionError('a list of series is only for SUM, AVG, MIN and MAX');
  return value;
}

const AGGREGATES: Record<string, (values: number[]) => number> = {
  SUM: (values) => values.reduce((total, value) => total + value, 0),
  AVG: (values) => values.reduce((total, value) => total + value, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};
const ROUNDING: Record<string, (value: number) => number> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
};

/** Of one series a number; of a list a series, in which a moment has the values of those that have one there. */
function aggregate(value: Value | undefined, by: (values: number[]) => number): number | Series {
  if (typeof value === 'number' || value === undefined) return value ?? 0;
  if (!Array.isArray(value)) return value.size === 0 ? new Map<number, number>() : by([...value.values()]);
  const times = [...new Set(value.flatMap((series) => [...series.keys()]))].sort(
    (left, right) => left - right,
  );
  return new Map(times.map((at) => [at, by(value.flatMap((series) => series.get(at) ?? []))]));
}

/** FILL also fills a series without any value: so that errors that never occurred count as none (assumed). */
function fill(series: Value | undefined, filling: Node | undefined, inputs: Inputs): Series {
  if (!(series instanceof Map) || filling === undefined)
    throw new ExpressionError('FILL takes a metric and a filling');
  const repeat = filling.kind === 'id' && filling.name === 'REPEAT';
  if (filling.kind === 'id' && !repeat)
    throw new ExpressionError(`the local cloud has no FILL with ${filling.name}`);
  const constant = repeat ? undefined : flat(evaluate(filling, inputs));
  const result: Series = new Map();
  let last: number | undefined;
  for (const at of inputs.times) {
    last = series.get(at) ?? last;
    const instead = repeat ? last : typeof constant === 'number' ? constant : constant?.get(at);
    const value = series.get(at) ?? instead;
    if (value !== undefined) result.set(at, value);
  }
  return result;
}

/** A moment takes the side that its condition says; a side that is missing there is missing in the result. */
function choose(values: readonly (number | Series)[], times: readonly number[]): number | Series {
  const [condition = 0, yes, no] = values;
  const at = (value: number | Series | undefined, time: number): number | undefined =>
    typeof value === 'object' ? value.get(time) : value;
  if (values.every((value) => typeof value === 'number')) return (condition !== 0 ? yes : no) ?? 0;
  const result: Series = new Map();
  for (const time of times) {
    const holds = at(condition, time);
    const value = holds === undefined ? undefined : at(holds !== 0 ? yes : no, time);
    if (value !== undefined) result.set(time, value);
  }
  return result;
}

function callOf(node: Extract<Node, { kind: 'call' }>, inputs: Inputs): Value {
  const { name, items } = node;
  const [first, filling] = items;
  if (name === 'FILL') return fill(first && evaluate(first, inputs), filling, inputs);
  const by = AGGREGATES[name];
  if (by !== undefined) return aggregate(first && evaluate(first, inputs), by);
  const round = ROUNDING[name];
  if (round !== undefined && items.length === 1)
    return combine(
      items.map((item) => flat(evaluate(item, inputs))),
      ([value = 0]) => round(value),
    );
  if (name === 'IF' && (items.length === 2 || items.length === 3))
    return choose(
      items.map((item) => flat(evaluate(item, inputs))),
      inputs.times,
    );
  throw new ExpressionError(`the local cloud has no function ${name} of ${items.length} parameters`);
}

function evaluate(node: Node, inputs: Inputs): Value {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'id': {
      const series = inputs.series(node.name);
      if (series === undefined) throw new ExpressionError(`there is no query with the id ${node.name}`);
      return series;
    }
    case 'list':
      return node.items.map((item) => {
        const value = evaluate(item, inputs);
        if (!(value instanceof Map)) throw new ExpressionError('a list has metrics and nothing else');
        return value;
      });
    case 'call':
      return callOf(node, inputs);
    case 'binary': {
      const by = ARITHMETIC[node.operator];
      const sides = [flat(evaluate(node.left, inputs)), flat(evaluate(node.right, inputs))];
      return combine(sides, ([left = 0, right = 0]) => by?.(left, right) ?? 0);
    }
  }
}

/** What an expression gives; a number is that number in every period. @throws ExpressionError */
export function evaluateExpression(text: string, inputs: Inputs): Series {
  const value = flat(evaluate(new Parser(text).whole(), inputs));
  return typeof value === 'number' ? new Map(inputs.times.map((at) => [at, value])) : value;
}
