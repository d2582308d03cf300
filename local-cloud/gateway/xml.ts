/** Just enough XML to answer as AWS's query services do; element order is the object's own. */

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes text for an element; characters that XML 1.0 can't hold are replaced, not passed on. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
      // eslint-disable-next-line no-control-regex -- these are exactly the characters that XML 1.0 forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  );
}

/**
 * Renders one element.
 * @param name  the element's name
 * @param value an object (children), array (a list of `item` elements), Date (ISO 8601), scalar, or undefined
 *              or null, which give nothing
 * @param item  what a list's elements are called: `member`, or `item` in EC2
 */
export function renderElement(name: string, value: unknown, item = 'member'): string {
  if (value === undefined || value === null) return '';
  return `<${name}>${renderContent(value, item)}</${name}>`;
}

function renderContent(value: unknown, item: string): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((entry) => renderElement(item, entry, item)).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, child]) => renderElement(key, child, item))
      .join('');
  }
  return escapeXml(String(value));
}

/** Renders an object's children, without an element around them. */
export function renderChildren(value: unknown, item = 'member'): string {
  return typeof value === 'object' && value !== null ? renderContent(value, item) : '';
}
