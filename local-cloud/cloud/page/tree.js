/** Elements, and how the page is brought from one picture to the next. */

/**
 * An element; text stays text.
 * @param {string} tag
 * @param {Record<string, string>} attributes `data-key` names it among its siblings; `data-own` keeps its children
 * @param {...(string | Node | undefined)} children
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined && child !== ''));
  return made;
}

const keyOf = (node) => node.dataset?.key;
const isSame = (left, right) => left.nodeName === right.nodeName && keyOf(left) === keyOf(right);

function patchAttributes(old, wanted) {
  for (const { name, value } of [...wanted.attributes]) {
    if (old.getAttribute(name) === value) continue;
    // As an attribute, the page's own policy would refuse it.
    if (name === 'style') old.style.cssText = value;
    else old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes])
    // What the reader opened stays open.
    if (name !== 'open' && !wanted.hasAttribute(name)) old.removeAttribute(name);
}

function patchNode(old, wanted) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== wanted.data) old.data = wanted.data;
    return;
  }
  patchAttributes(old, wanted);
  if (!wanted.hasAttribute('data-own')) patch(old, [...wanted.childNodes]);
}

/** What is there already of a node that is wanted before `next`: by its key wherever it is now, else the next one. */
function findSame(node, next) {
  if (keyOf(node) === undefined) return next !== null && isSame(next, node) ? next : null;
  let found = next;
  while (found !== null && !isSame(found, node)) found = found.nextSibling;
  return found;
}

/** Brings the children of a place to what is wanted, and leaves alone what is so already: focus, scroll, selection. */
export function patch(place, wanted) {
  let next = place.firstChild;
  for (const node of wanted) {
    const found = findSame(node, next);
    if (found === null) {
      place.insertBefore(node, next);
      continue;
    }
    if (found === next) next = next.nextSibling;
    else place.insertBefore(found, next);
    patchNode(found, node);
  }
  while (next !== null) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}
