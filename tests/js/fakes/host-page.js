import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { ROOT } from "../sources.js";
import { all } from "../texts.js";

const SOURCE = readFileSync(join(ROOT, "../embed.js"), "utf8");
export const SERVICE = "https://support.example";
/** As the server puts them in (support/parts/loader.py). */
export const TEXTS = Object.fromEntries(
  Object.entries(all).map(([code, { texts }]) => [
    code,
    Object.fromEntries(
      Object.entries(texts)
        .filter(([key]) => key.startsWith("embed."))
        .map(([key, text]) => [key.slice("embed.".length), text]),
    ),
  ]),
);
const STYLE = readFileSync(join(ROOT, "../css/launcher.css"), "utf8");
// A script in a context of its own can import nothing.
const SCRIPT = SOURCE.replace("/* texts */ {}", JSON.stringify(TEXTS))
  .replace('/* style */ ""', JSON.stringify(STYLE))
  .replace("await import(", "await imports(");

class FakeElement extends EventTarget {
  children = [];
  dataset = {};
  attributes = {};
  rules = {};
  style = { setProperty: (name, value, priority) => (this.rules[name] = [value, priority]) };
  parent = null;
  shadowRoot = null;

  constructor(name, page) {
    super();
    this.name = name;
    this.page = page;
    if (name === "iframe")
      this.contentWindow = {
        heard: [],
        postMessage: (...said) => this.contentWindow.heard.push(structuredClone(said)),
      };
  }
  get isConnected() {
    return this === this.page.documentElement || (this.parent?.isConnected ?? false);
  }
  append(...children) {
    for (const child of children) Object.assign(child, { parent: this });
    this.children.push(...children);
  }
  remove() {
    if (!this.parent) return;
    this.parent.children = this.parent.children.filter((child) => child !== this);
    this.parent = null;
    this.page.changed();
  }
  attachShadow() {
    const more = { parent: this, activeElement: null, adoptedStyleSheets: [] };
    this.shadowRoot = Object.assign(new FakeElement("shadow", this.page), more);
    return this.shadowRoot;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  focus() {
    this.page.document.activeElement = this;
  }
  click() {
    this.dispatchEvent(new Event("click"));
  }
}

export function fakeStorage(items = {}) {
  return {
    items,
    getItem: (key) => items[key] ?? null,
    setItem: (key, value) => (items[key] = String(value)),
    removeItem: (key) => delete items[key],
  };
}

/** Somebody's page, as far as the loader touches it. */
export class HostPage {
  /** What the loader told the console. */
  warnings = [];
  /** DOM events of the loader, [name, detail]. */
  events = [];
  style = {};
  /** What the loader gets when it imports an address. */
  imports = () => Promise.reject(new Error("offline"));
  #observers = [];

  /** @param {{tag?: object | null, window?: object, lang?: string, dir?: string}} [options] tag: its data-* attributes */
  constructor({ tag = {}, window: more = {}, lang = "en", dir = "" } = {}) {
    const page = this;
    this.documentElement = Object.assign(new FakeElement("html", this), { lang });
    const script = tag && { dataset: tag, src: `${SERVICE}/embed.js` };
    this.document = Object.assign(new EventTarget(), {
      dir,
      currentScript: script,
      activeElement: null,
      title: "Shop",
      referrer: "",
      get documentElement() {
        return page.documentElement;
      },
      createElement: (name) => new FakeElement(name, page),
      createElementNS: (_, name) => new FakeElement(name, page),
      querySelector: () => script,
    });
    const dispatch = this.document.dispatchEvent.bind(this.document);
    this.document.dispatchEvent = (event) => {
      if (event.type.startsWith("adminara:")) this.events.push([event.type.slice(9), event.detail]);
      return dispatch(event);
    };
    this.window = Object.assign(new EventTarget(), {
      document: this.document,
      location: { href: "https://shop.example/bags?id=7", origin: "https://shop.example" },
      navigator: { language: "tr-TR" },
      sessionStorage: fakeStorage(),
      localStorage: fakeStorage(),
      console: { warn: (...said) => this.warnings.push(said.map(String).join(" ")) },
      MutationObserver: class {
        constructor(act) {
          page.#observers.push(act);
        }
        observe() {}
      },
      CSSStyleSheet: class {
        replaceSync(css) {
          page.css = css;
        }
      },
      getComputedStyle: () => ({ getPropertyValue: (name) => page.style[name] ?? "" }),
      CustomEvent,
      URL,
      URLSearchParams,
      setTimeout,
      imports: (address) => this.imports(address),
    });
    Object.defineProperties(this.window, Object.getOwnPropertyDescriptors(more));
    this.window.window = this.window;
    vm.createContext(this.window);
  }

  /** The script comes. */
  load() {
    vm.runInContext(SCRIPT, this.window);
    return this;
  }

  changed() {
    for (const act of this.#observers) act();
  }

  get api() {
    return this.window.Adminara;
  }

  /** All of the loader's. */
  get roots() {
    return this.documentElement.children.filter((child) => child.shadowRoot);
  }

  get root() {
    return this.roots[0];
  }

  get launcher() {
    return this.root.shadowRoot.children.find(({ name }) => name === "button");
  }

  get badge() {
    return this.launcher.children.find(({ className }) => className?.startsWith("badge"));
  }

  get panel() {
    return this.root.shadowRoot.children.find(({ className }) => className === "panel");
  }

  get frame() {
    return this.panel.children[0];
  }

  /** What the page in the frame says. */
  says(event, detail = {}, { source = this.frame?.contentWindow, origin = SERVICE, data } = {}) {
    const message = Object.assign(new Event("message"), {
      source,
      origin,
      data: data === undefined ? { adminara: 1, event, detail } : data,
    });
    this.window.dispatchEvent(message);
  }

  /** What the page in the frame heard, [command, value]. */
  get heard() {
    return this.frame.contentWindow.heard.map(([{ command, value }]) => [command, value]);
  }

  /** The frame has loaded. */
  arrives() {
    this.frame.dispatchEvent(new Event("load"));
  }
}
