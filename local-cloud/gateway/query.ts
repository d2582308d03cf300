/**
 * The query protocol's requests: `Filters.member.1.Name=x` in a form body, as AWS documents it for
 * Auto Scaling, Elastic Load Balancing, RDS and (without `.member`) EC2.
 */

type Node = Map<string, Node | string>;

function insert(root: Node, path: string[], value: string): void {
  let node = root;
  for (const key of path.slice(0, -1)) {
    let next = node.get(key);
    if (!(next instanceof Map)) {
      next = new Map<string, Node | string>();
      node.set(key, next);
    }
    node = next;
  }
  const last = path.at(-1);
  if (last !== undefined) node.set(last, value);
}

const isIndex = (key: string): boolean => /^[0-9]+$/.test(key);

/** `{entry: {1: {key, value}}}` is a map; `{member: {1: …}}` and `{1: …}` are lists; the rest are structures. */
function fold(node: Node | string): unknown {
  if (typeof node === 'string') return node;
  const keys = [...node.keys()];
  const only = keys.length === 1 ? node.get(keys[0] ?? '') : undefined;
  if (keys[0] === 'member' && only instanceof Map) return fold(only);
  if (keys[0] === 'entry' && only instanceof Map) {
    const entries = [...only.values()].filter((entry) => entry instanceof Map);
    const keyOf = (entry: Node): string => {
      const key = entry.get('key');
      return typeof key === 'string' ? key : '';
    };
    return Object.fromEntries(entries.map((entry) => [keyOf(entry), fold(entry.get('value') ?? '')]));
  }
  if (keys.length > 0 && keys.every(isIndex)) {
    return [...node.entries()]
      .sort(([left], [right]) => Number(left) - Number(right))
      .map(([, value]) => fold(value));
  }
  return Object.fromEntries([...node.entries()].map(([key, value]) => [key, fold(value)]));
}

/**
 * Parses a query request.
 * @param form the form body (or the query string)
 * @returns the Action, and the parameters as a tree whose leaves are strings; an empty list is `''`
 */
export function parseQuery(form: string): { operation: string; parameters: Record<string, unknown> } {
  const root: Node = new Map();
  let operation = '';
  for (const [name, value] of new URLSearchParams(form)) {
    if (name === 'Action') operation = value;
    else if (name !== 'Version' && !name.startsWith('X-Amz-')) insert(root, name.split('.'), value);
  }
  const parameters = Object.fromEntries([...root.entries()].map(([key, value]) => [key, fold(value)]));
  return { operation, parameters };
}
