import { Emitter } from "../core/emitter.js";
import { Meter } from "./devices/meter.js";
import { turnPaths } from "./regions.js";
import { probeRelay } from "./relay-probe.js";

/**
 * @import {IceServer, MediaKind} from "../core/types.js"
 * @import {Acquired, DeviceProblem} from "./devices/media.js"
 * @import {TurnPath, TurnResult} from "./regions.js"
 *
 * @typedef {'pending' | 'running' | 'ok' | 'warning' | 'failed' | 'skipped'} CheckState
 *   warning: it works, but … (a microphone that hears nothing, a relay only over TCP)
 * @typedef {{
 *   running: boolean,
 *   microphone: {state: CheckState, level: number, heard: boolean, problem: DeviceProblem | null},
 *   camera: {state: CheckState, problem: DeviceProblem | null, width: number | null, height: number | null},
 *   network: {state: CheckState, turn: TurnResult[], expected: number},
 *   socket: {state: CheckState, rtt_ms: number | null},
 * }} PreflightResults  a fresh plain object with every 'change'. level: 0 to 1, now; heard: something above silence so
 *   far; expected: how many relays are tried; network is "skipped" where there is no relay to try
 *
 * @typedef {{
 *   acquire: (media: MediaKind) => Promise<Acquired>, release: (stream: MediaStream | null) => void,
 *   iceServers: () => Promise<IceServer[]>, socketRtt: () => Promise<number | null>,
 *   probe?: (path: TurnPath) => Promise<number | null>, meter?: (stream: MediaStream) => {level: number, stop: () => void},
 *   listenMs?: number,
 * }} PreflightParts  iceServers: with credentials; socketRtt: ms, null when the socket does not answer
 */

const LISTEN_MS = 6000;
const LEVEL_EVERY_MS = 100;
const HEARD = 0.02;
const AT_ONCE = 3;

/** What is told of the microphone and holds for the camera as well. */
const CONCERNS_BOTH = ["none", "insecure", "denied"];

/** @type {PreflightResults} */
const UNTRIED = {
  running: false,
  microphone: { state: "pending", level: 0, heard: false, problem: null },
  camera: { state: "pending", problem: null, width: null, height: null },
  network: { state: "pending", turn: [], expected: 0 },
  socket: { state: "pending", rtt_ms: null },
};

/**
 * Tries what a call will need before it is needed: microphone, camera, every relay (data sent through it), socket.
 *
 * Events: 'change' (PreflightResults), 'stream' (MediaStream | null: the camera's picture while it is checked),
 * 'level' (0 to 1, ten times a second, without a 'change'), 'done' (PreflightResults).
 */
export class Preflight extends Emitter {
  /** @type {PreflightResults} */
  results = UNTRIED;
  #parts;
  #run = 0;
  /** @type {(() => void) | null} */
  #letGo = null;

  /** @param {PreflightParts} parts */
  constructor(parts) {
    super();
    this.#parts = {
      probe: probeRelay,
      meter: (/** @type {MediaStream} */ stream) => new Meter(stream),
      listenMs: LISTEN_MS,
      ...parts,
    };
  }

  /**
   * Runs every check, again if it ran before. The devices are let go at the end, or with `stop()`.
   * @param {MediaKind} media  what the call will be made of
   * @returns {Promise<PreflightResults>}
   */
  async start(media) {
    this.stop();
    const run = ++this.#run;
    this.results = { ...UNTRIED, running: true };
    if (media === "chat") this.#patch(run, { microphone: { state: "skipped" } });
    if (media !== "video") this.#patch(run, { camera: { state: "skipped" } });
    await Promise.all([this.#devices(run, media), this.#relays(run, media), this.#socket(run)]);
    if (run !== this.#run) return this.results;
    this.results = { ...this.results, running: false };
    this.emit("change", this.results);
    this.emit("done", this.results);
    return this.results;
  }

  /** Ends what runs and lets the devices go; results stay. */
  stop() {
    this.#run += 1;
    this.#letGo?.();
    this.#letGo = null;
    if (this.results.running) this.results = { ...this.results, running: false };
  }

  /** The fields of a `device:check` frame. */
  report() {
    return reportOf(this.results);
  }

  /** @param {number} run @param {MediaKind} media */
  async #devices(run, media) {
    if (media === "chat") return;
    this.#patch(run, { microphone: { state: "running" }, ...(media === "video" && { camera: { state: "running" } }) });
    const { stream, problem } = await this.#parts.acquire(media);
    if (run !== this.#run) return this.#parts.release(stream);
    this.#judge(run, media, stream, problem);
    if (!stream) return;
    const meter = this.#parts.meter(stream);
    const timer = setInterval(() => this.emit("level", meter.level), LEVEL_EVERY_MS);
    this.emit("stream", stream);
    await new Promise((resolve) => {
      this.#letGo = () => {
        clearInterval(timer);
        clearTimeout(end);
        off();
        meter.stop();
        this.#parts.release(stream);
        this.emit("stream", null);
        resolve(null);
      };
      const off = this.on("level", (level) => this.#hear(run, level));
      const end = setTimeout(() => this.#heardEnough(run), this.#parts.listenMs);
    });
  }

  /**
   * @param {number} run @param {MediaKind} media @param {MediaStream | null} stream @param {Acquired['problem']} problem
   */
  #judge(run, media, stream, problem) {
    const video = stream?.getVideoTracks()[0];
    const settings = video?.getSettings?.() ?? {};
    const of = (/** @type {'microphone' | 'camera'} */ device) =>
      problem && (CONCERNS_BOTH.includes(problem.code) || problem.device === device) ? problem.code : null;
    this.#patch(run, {
      microphone: stream ? {} : { state: "failed", problem: of("microphone") ?? "missing" },
      ...(media === "video" && {
        camera: {
          // Without a microphone there is no call that could have a picture.
          state: video ? "ok" : of("camera") ? "failed" : "skipped",
          problem: of("camera"),
          width: settings.width ?? null,
          height: settings.height ?? null,
        },
      }),
    });
  }

  /** @param {number} run @param {number} level */
  #hear(run, level) {
    if (level < HEARD || this.results.microphone.heard) return;
    this.#patch(run, { microphone: { state: "ok", heard: true, level } });
  }

  /** @param {number} run */
  #heardEnough(run) {
    if (!this.results.microphone.heard) this.#patch(run, { microphone: { state: "warning" } });
    this.#letGo?.();
    this.#letGo = null;
  }

  /** @param {number} run @param {MediaKind} media */
  async #relays(run, media) {
    const paths = media === "chat" ? [] : turnPaths(await this.#parts.iceServers());
    if (paths.length === 0) return this.#patch(run, { network: { state: "skipped" } });
    this.#patch(run, { network: { state: "running", expected: paths.length } });
    const waiting = [...paths];
    const worker = async () => {
      for (let path = waiting.shift(); path && run === this.#run; path = waiting.shift()) {
        const rtt = await this.#parts.probe(path);
        const result = { region: path.region, transport: path.transport, ok: rtt !== null, rtt_ms: rtt };
        this.#patch(run, { network: { turn: [...this.results.network.turn, result] } });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.#patch(run, { network: { state: networkState(this.results.network.turn) } });
  }

  /** @param {number} run */
  async #socket(run) {
    this.#patch(run, { socket: { state: "running" } });
    const rtt = await this.#parts.socketRtt();
    this.#patch(run, { socket: { state: rtt === null ? "failed" : "ok", rtt_ms: rtt } });
  }

  /**
   * @param {number} run
   * @param {{microphone?: Partial<PreflightResults['microphone']>, camera?: Partial<PreflightResults['camera']>,
   *   network?: Partial<PreflightResults['network']>, socket?: Partial<PreflightResults['socket']>}} changes
   */
  #patch(run, { microphone, camera, network, socket }) {
    if (run !== this.#run) return;
    const { results } = this;
    this.results = {
      ...results,
      microphone: { ...results.microphone, ...microphone },
      camera: { ...results.camera, ...camera },
      network: { ...results.network, ...network },
      socket: { ...results.socket, ...socket },
    };
    this.emit("change", this.results);
  }
}

/** @param {TurnResult[]} turn @returns {CheckState} */
function networkState(turn) {
  if (!turn.some(({ ok }) => ok)) return "failed";
  return turn.some(({ ok, transport }) => ok && transport === "udp") ? "ok" : "warning";
}

/**
 * @param {PreflightResults} results
 * @returns {{microphone: string, camera: string, turn: TurnResult[]}} microphone and camera: "ok", "quiet", "skipped"
 *   or the problem's name
 */
export function reportOf({ microphone, camera, network }) {
  return {
    microphone: microphone.state === "warning" ? "quiet" : (microphone.problem ?? microphone.state),
    camera: camera.problem ?? camera.state,
    turn: network.turn.slice(0, 16),
  };
}
