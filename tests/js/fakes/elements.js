/** As much of a document as views need to be made and looked at: elements with attributes, children and listeners. */

class Element {
  attributes = new Map();
  children = [];
  dataset = {};
  listeners = {};
  style = {};
  hidden = false;
  open = false;
  value = "";
  textContent = "";
  classList = { add: () => {}, toggle: () => {}, contains: () => false };

  constructor(tag) {
    this.tag = tag;
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
    if (name === "hidden") this.hidden = true;
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name) {
    return this.attributes.has(name);
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  append(...children) {
    this.children.push(...children);
  }

  replaceChildren(...children) {
    this.children = children;
  }

  replaceWith(other) {
    this.replacedBy = other;
  }

  contains(other) {
    return other === this || this.children.some((child) => child instanceof Element && child.contains(other));
  }

  /** None of what is asked for this way is drawn here. */
  querySelector() {
    return null;
  }

  querySelectorAll() {
    return [];
  }

  matches() {
    return false;
  }

  focus() {
    globalThis.document.activeElement = this;
  }

  click() {
    this.listeners.click?.({ target: this });
  }

  showModal() {
    this.open = true;
  }

  close() {
    this.open = false;
    this.listeners.close?.({ target: this });
  }

  togglePopover() {}
}

/** All in it that are of this kind. */
export function all(element, tag) {
  const inside = element.children.flatMap((child) => (child instanceof Element ? all(child, tag) : []));
  return element.tag === tag ? [element, ...inside] : inside;
}

/** Takes the place of `document` until the test file is done. */
export function fakeDocument() {
  const body = new Element("body");
  const createElement = (tag) => new Element(tag);
  const createElementNS = (_, tag) => new Element(tag);
  globalThis.HTMLElement = Element;
  globalThis.document = { body, activeElement: body, createElement, createElementNS };
  return globalThis.document;
}
