import { t } from "../../../core/i18n.js";
import { InvitationView } from "../../../ui/customer/call/invitation-view.js";

/**
 * @import {CustomerApp} from "../customer-app.js"
 * @import {Session} from "../../../net/session.js"
 * @import {CustomerState} from "../../../ui/customer/state.js"
 * @import {Places} from "../../../ui/customer/call/invitation-view.js"
 */

const FRAMES = new Set(["call:invite", "call:accept", "call:decline"]);

/** Proposals to make a call of the chat: what the customer does about them, and what is told of them. */
export class InvitationDesk {
  #app;
  #session;
  #ring;
  /** @type {InvitationView | null} */
  #view = null;
  /** The last one of the operator that was rung for. */
  #rung = 0;

  /**
   * @param {{app: CustomerApp, session: Session, ring: (news: string) => void}} parts  ring: somebody who looks elsewhere
   *   is to hear of it
   */
  constructor({ app, session, ring }) {
    this.#app = app;
    this.#session = session;
    this.#ring = ring;
    session.on("call:decline", ({ by, own }) => {
      const key = own ? "customer.invite.takenBack" : "customer.invite.declined";
      if (by === "operator") this.#tell(t(key, { name: app.state.peer.name }));
    });
    session.on("rejected", ({ frame, error }) => {
      if (!FRAMES.has(frame.type)) return;
      this.#view?.settle();
      // Its invitation is gone: that it was declined is said already.
      if (frame.type !== "call:decline") this.#tell(error.message, "warning");
    });
  }

  /** @param {Places} places  where the page wants it @param {CustomerState} state */
  draw(places, state) {
    if (!this.#view?.stands(places)) {
      this.#view = new InvitationView(places, {
        invite: (media) => void this.#session.sendNumbered("call:invite", { media }),
        answer: (accepted, { dark = false } = {}) => this.#answer(accepted, dark),
        video: this.#session.features.video !== false,
      });
    }
    this.#view.update(state);
    const { invitation, peer } = state;
    if (invitation?.by !== "operator" || invitation.invitation === this.#rung) return;
    this.#rung = invitation.invitation;
    this.#ring(t(`customer.invite.${invitation.media}`, { name: peer.name }));
  }

  /** @param {boolean} accepted @param {boolean} dark  the camera stays off until it is wanted */
  #answer(accepted, dark) {
    const { invitation } = this.#app.state;
    if (!invitation) return;
    if (accepted) this.#app.keepDark(dark);
    const type = accepted ? "call:accept" : "call:decline";
    this.#session.sendNumbered(type, { invitation: invitation.invitation });
  }

  /** @param {string} text @param {'info' | 'warning'} [tone] */
  #tell(text, tone = "info") {
    this.#app.emit("said", { text, tone });
  }
}
