/** What the tabs of one browser share: Web Locks and BroadcastChannels, of one origin in one partition. */
export class FakeBrowser {
  #held = new Map();
  #queue = [];
  #channels = new Set();

  /** @returns {{locks: object, Channel: Function, close: () => void}} as a page of a tab sees them */
  tab() {
    const browser = this;
    const tab = { open: true };
    class Channel {
      constructor(name) {
        Object.assign(this, { name, tab });
        browser.#channels.add(this);
      }
      postMessage(data) {
        const said = structuredClone(data);
        for (const other of browser.#channels)
          if (other !== this && other.name === this.name && other.tab.open)
            queueMicrotask(() => other.tab.open && other.onmessage?.({ data: said }));
      }
    }
    const locks = {
      query: async () => ({ held: [...browser.#held.keys()].map((name) => ({ name })) }),
      request: (name, options, held) => browser.#request({ tab, name, options, held }),
    };
    const close = () => {
      tab.open = false;
      browser.#queue = browser.#queue.filter((request) => request.tab !== tab);
      for (const [name, request] of browser.#held) if (request.tab === tab) browser.#freed(name, request);
    };
    return { locks, Channel, close };
  }

  #request(request) {
    const { name, options } = request;
    return new Promise((resolve, reject) => {
      Object.assign(request, { resolve, reject });
      if (options.steal) {
        const before = this.#held.get(name);
        this.#held.delete(name);
        this.#grant(request);
        before?.reject(aborted());
        return;
      }
      options.signal?.addEventListener("abort", () => {
        if (!this.#queue.includes(request)) return;
        this.#queue = this.#queue.filter((other) => other !== request);
        reject(aborted());
      });
      this.#queue.push(request);
      this.#next(name);
    });
  }

  #next(name) {
    if (this.#held.has(name)) return;
    const request = this.#queue.find((one) => one.name === name);
    if (!request) return;
    this.#queue = this.#queue.filter((other) => other !== request);
    this.#grant(request);
  }

  #grant(request) {
    this.#held.set(request.name, request);
    queueMicrotask(async () => {
      await request.held({ name: request.name });
      request.resolve();
      this.#freed(request.name, request);
    });
  }

  #freed(name, request) {
    if (this.#held.get(name) !== request) return;
    this.#held.delete(name);
    this.#next(name);
  }
}

function aborted() {
  return Object.assign(new Error("aborted"), { name: "AbortError" });
}
