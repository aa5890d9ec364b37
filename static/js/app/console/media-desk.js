/**
 * The operator's own microphone and camera between and before calls.
 *
 * Going available asks for permission, while somebody sits here; a call then starts without a question. Where the
 * browser remembers the permission the devices are let go at once (no light burns all day), elsewhere they are kept
 * until the operator goes on a break.
 */

/**
 * @typedef {{stream: MediaStream|null, media: string, problem: {device: string, code: string}|null}} Acquired
 */

/**
 * @param {Acquired["problem"]} problem
 * @returns {string|null} the banner's name, or null when there is nothing to say
 */
export function mediaErrorOf(problem) {
  if (problem === null) {
    return null;
  }
  if (problem.device === "microphone") {
    return problem.code;
  }
  // A desk without a camera is nothing to complain about.
  return problem.code === "missing" ? null : "camera";
}

export class MediaDesk {
  /**
   * @param {{acquire: (media: any) => Promise<Acquired>, release: (stream: MediaStream|null) => void,
   *   remembered?: () => Promise<boolean>}} options remembered: the browser will not ask again
   */
  constructor({ acquire, release, remembered = permissionsRemembered }) {
    this.acquire = acquire;
    this.release = release;
    this.remembered = remembered;
    /** @type {MediaStream|null} */
    this.standby = null;
    /** @type {Promise<Acquired>|null} */
    this.asking = null;
  }

  /**
   * Asks for the devices before a call needs them.
   * @param {"video"|"audio"} media
   * @returns {Promise<string|null>} the banner's name, or null when all is well
   */
  async prepare(media) {
    if (this.standby !== null || this.asking !== null) {
      return null;
    }
    this.asking = this.acquire(media);
    const { stream, problem } = await this.asking;
    this.asking = null;
    if (stream !== null && (await this.remembered())) {
      this.release(stream);
    } else {
      this.standby = stream;
    }
    return mediaErrorOf(problem);
  }

  /**
   * The devices for a call that begins now; the caller owns the stream from here on.
   * @param {"video"|"audio"} media
   * @returns {Promise<{stream: MediaStream|null, error: string|null}>}
   */
  async take(media) {
    const kept = this.standby;
    this.standby = null;
    if (kept?.getTracks().some((track) => track.readyState === "live") && covers(kept, media)) {
      return { stream: kept, error: null };
    }
    this.release(kept);
    const { stream, problem } = await this.acquire(media);
    return { stream, error: mediaErrorOf(problem) };
  }

  /** Lets the kept devices go: the operator takes a break. */
  rest() {
    this.release(this.standby);
    this.standby = null;
  }
}

/**
 * @param {MediaStream} stream
 * @param {"video"|"audio"} media
 * @returns {boolean} neither less nor more than asked for
 */
function covers(stream, media) {
  return stream.getVideoTracks().length > 0 === (media === "video");
}

/** @returns {Promise<boolean>} false where the browser does not say */
async function permissionsRemembered() {
  try {
    const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("microphone") });
    return status.state === "granted";
  } catch {
    return false;
  }
}
