/** A WebSocket whose server side is the test: it opens, answers and dies when told. */
export class FakeSocket {
  /** @type {FakeSocket[]} every socket made since the last `reset()`, oldest first */
  static made = [];
  static reset() {
    FakeSocket.made = [];
  }
  static get last() {
    return FakeSocket.made[FakeSocket.made.length - 1];
  }

  readyState = 0;
  /** @type {any[]} frames the client sent */
  sent = [];
  closedByClient = false;
  onopen = () => {};
  onmessage = (/** @type {{data: string}} */ _) => {};
  onclose = (/** @type {{code: number}} */ _) => {};

  constructor(/** @type {string} */ url, /** @type {string[]} */ protocols) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.made.push(this);
  }

  send(/** @type {string} */ text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closedByClient = true;
    this.readyState = 3;
  }

  // ---- what the server does

  open() {
    this.readyState = 1;
    this.onopen();
    return this;
  }

  give(/** @type {any} */ frame) {
    this.onmessage({ data: JSON.stringify(frame) });
    return this;
  }

  welcome(fields = {}) {
    return this.give({
      type: "welcome",
      server_time: 0,
      heartbeat_s: 20,
      features: {},
      resumed: false,
      epoch: null,
      last_id: 0,
      gen: 0,
      missed: 0,
      ...fields,
    });
  }

  die(code = 1006) {
    this.readyState = 3;
    this.onclose({ code });
  }

  /** @param {string} type */
  ofType(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}
