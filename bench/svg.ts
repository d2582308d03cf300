/** The little of SVG that the drawings need. Colours hold on a light and on a dark page. */
export const colours = ['#2f7ed8', '#e0662d', '#2f9e44', '#9c36b5', '#c92a2a', '#868e96'];
export const ink = '#7a828a';

export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

type Attributes = Record<string, string | number>;

export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(
    ([key, value]) =>
      ` ${key}="${escape(typeof value === 'number' ? String(Number(value.toFixed(1))) : value)}"`,
  );
  return `<${name}${written.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`;
}

export function text(content: string, attributes: Attributes): string {
  return element('text', { fill: ink, ...attributes }, escape(content));
}

export function line(from: [number, number], to: [number, number], attributes: Attributes = {}): string {
  return element('line', { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: ink, ...attributes });
}

export function drawing(width: number, height: number, parts: string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'sans-serif',
    'font-size': 12,
  };
  return `${element('svg', attributes, `\n${parts.join('\n')}\n`)}\n`;
}
