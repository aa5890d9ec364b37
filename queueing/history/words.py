"""The timeline in words: what a journal entry means to a reader. Who did it stands beside it, not in the sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infra.writing.text import isolate
from queueing.history import line_choice
from queueing.history.models import ConversationEvent
from queueing.live.reasons import LOST

Data = dict[str, Any]

REASONS = {
    "left": gettext_lazy("the customer left"),
    "hangup": gettext_lazy("hung up"),
    "customer": gettext_lazy("the customer hung up"),
    "operator": gettext_lazy("the operator hung up"),
    "abandoned": gettext_lazy("the customer did not come back in time"),
    "customer-lost": gettext_lazy("the customer's connection was lost"),
    "operator-lost": gettext_lazy("the operator's connection was lost"),
    "connection": gettext_lazy("media could not be connected again"),
    "max-wait": gettext_lazy("the longest wait had passed"),
    "callback-missed": gettext_lazy("the customer was called back and did not come"),
    "removed": gettext_lazy("removed by an administrator"),
    "blocked": gettext_lazy("the customer was blocked"),
    "erased": gettext_lazy("the customer's data was erased"),
    "repaired": gettext_lazy("repaired by the queue check"),
    "other": gettext_lazy("another reason"),
}
"""One for each of `queueing.live.reasons.ALL`."""
CAUSES = {
    "silence": gettext_lazy("nothing arrived any more"),
    "failed": gettext_lazy("the connection failed"),
    "network": gettext_lazy("the network changed"),
    "wake": gettext_lazy("the device had been asleep"),
    "setup": gettext_lazy("it was never connected"),
    "bandwidth": gettext_lazy("the bandwidth became too low"),
    "loss": gettext_lazy("packets were lost"),
    "concealment": gettext_lazy("gaps in the sound had to be filled"),
    "delay": gettext_lazy("the delay became too long"),
    "recovered": gettext_lazy("the connection is good again"),
}
"""Why the page began to reconnect, or moved on the ladder of adaptation."""
STEPS = {
    "suspect": gettext_lazy("Something is wrong with the connection"),
    "resignal": gettext_lazy("Opens a new connection to the server"),
    "restart": gettext_lazy("Restarts the media connection"),
    "restart-relay": gettext_lazy("Restarts the media connection through relays only"),
    "rebuild": gettext_lazy("Rebuilds the media connection"),
    "hold": gettext_lazy("The call is held; attempts go on"),
}
RUNGS = (
    gettext_lazy("full picture"),
    gettext_lazy("picture at 540p"),
    gettext_lazy("picture at 360p"),
    gettext_lazy("picture at 180p"),
    gettext_lazy("sound only"),
    gettext_lazy("reduced sound only"),
    gettext_lazy("minimal sound only"),
)
"""As RUNGS of static/js/rtc/adaptation.js."""
ORDERS = {
    "ice-restart": gettext_lazy("Asked for a restart of the connection"),
    "audio-only": gettext_lazy("Asked for sound only"),
    "video": gettext_lazy("Asked for the picture"),
    "chat": gettext_lazy("Asked to go on in the chat"),
}


@dataclass(frozen=True)
class Entry:
    """`icon` names a symbol of the page, `tone` a colour: plain, good, warning or bad."""

    icon: str
    tone: str
    text: str
    detail: str = ""


def describe(event: ConversationEvent) -> Entry:
    """Any entry; one of an unknown kind is shown by its name."""
    known = _KINDS.get(event.kind)
    return known(event.data) if known else Entry("dot", "plain", event.kind)


def clock(seconds: float | None) -> str:
    """`4:07`, `1:02:07`; a dash for what is not known."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def reason(word: str) -> str:
    """Nothing while there is none; a word of an older release is another reason."""
    return str(REASONS.get(word, REASONS["other"])) if word else ""


def rung(number: int) -> str:
    return str(RUNGS[min(max(number, 0), len(RUNGS) - 1)])


def _secs(milliseconds: Any) -> str:
    return _("%(number)s s") % {"number": f"{float(milliseconds or 0) / 1000:.1f}"}


def _cause(data: Data) -> str:
    word = data.get("reason")
    return str(CAUSES.get(word, word)) if word else ""


def _joined(data: Data) -> Entry:
    text = _("Joined the queue at place %(position)s") % {"position": data.get("position", 1)}
    promised = data.get("promised")
    detail = ""
    if promised:
        times = {"low": clock(promised.get("low_s")), "high": clock(promised.get("high_s"))}
        detail = _("A wait of %(low)s to %(high)s was promised") % times
    if data.get("returning_from"):
        detail = _("Back at the head of the queue after a lost call")
    return Entry("enter", "plain", text, detail)


def _restored(data: Data) -> Entry:
    return Entry("back", "warning", _("Brought back after the server had lost its data"))


def _claimed(data: Data) -> Entry:
    text = _("Took the call after %(waited)s") % {"waited": clock(int(data.get("waited_ms", 0)) / 1000)}
    details = []
    if data.get("jumped"):
        details.append(_("Out of turn, from place %(place)s") % {"place": int(data["jumped"]) + 1})
    if data.get("over"):
        details.append(_("By priority, before some who had waited longer"))
    if data.get("skipped"):
        count = len(data["skipped"])
        text_of = ngettext("%(count)s customer before was away", "%(count)s customers before were away", count)
        details.append(text_of % {"count": count})
    return Entry("phone", "good", text, " · ".join(details))


def _given_back(data: Data) -> Entry:
    text = _("Did not answer for %(time)s") % {"time": clock(int(data.get("after_ms", 0)) / 1000)}
    return Entry("back", "warning", text, _("Back at the head of the queue"))


def _transferred(data: Data) -> Entry:
    to = str(data.get("to") or line_choice.name_of(str(data.get("line") or "")))
    text = _("Passed on to %(name)s") % {"name": isolate(to)} if to else _("Passed on to whoever is free")
    return Entry("back", "plain", text, str(data.get("note") or ""))


def _hold_over(data: Data) -> Entry:
    return Entry("back", "warning", _("Nobody to whom it was passed on has taken it: whoever is free may"))


def _supervised(data: Data) -> Entry:
    name = {"name": isolate(str(data.get("name") or data.get("by") or ""))}
    text = {
        "transfer": _("%(name)s, a supervisor, passes it on"),
        "end": _("%(name)s, a supervisor, ends it"),
        "take": _("%(name)s, a supervisor, takes it over"),
        "break": _("%(name)s, a supervisor, sends the operator on a break"),
    }.get(str(data.get("act")), _("%(name)s, a supervisor, steps in"))
    return Entry("order", "warning", text % name)


def _callback_asked(data: Data) -> Entry:
    return Entry("away", "plain", _("Asked to be called when it is nearly their turn"))


def _callback_called(data: Data) -> Entry:
    again = int(data.get("call") or 1) > 1
    return Entry("order", "plain", _("Is called once more") if again else _("Is called: it is nearly their turn"))


def _callback_restored(data: Data) -> Entry:
    return Entry("back", "warning", _("Is still to be called, after the server had lost its data"))


def _callback_cancelled(data: Data) -> Entry:
    return Entry("back", "plain", _("Waits on the page instead of being called"))


def _ended(data: Data) -> Entry:
    word = str(data.get("reason", ""))
    lost = word in (*LOST, "abandoned", "max-wait", "callback-missed")
    return Entry("end", "bad" if lost else "plain", _("The conversation ended"), reason(word))


def _away(data: Data) -> Entry:
    kept = _("Held for %(grace)s") % {"grace": clock(data.get("grace_s"))}
    return Entry("away", "warning", _("Lost the connection to the server"), kept)


def _back(data: Data) -> Entry:
    missed = int(data.get("missed") or 0)
    how = {
        "replay": _("Is connected again"),
        "resync": _("Is connected again and got the whole state"),
        "reload": _("Reloaded the page"),
        "opened": _("Opened the conversation in another place"),
    }.get(str(data.get("how")), _("Is connected again"))
    details = []
    if missed:
        details.append(
            ngettext("%(count)s missed message received", "%(count)s missed messages received", missed)
            % {"count": missed}
        )
    if data.get("moved"):
        details.append(_("through another server process"))
    return Entry("back", "good", how, " · ".join(details))


def _state(data: Data) -> Entry:
    state, step = data.get("state"), data.get("step")
    if state == "connecting":
        return Entry("media", "plain", _("Connects media"))
    if state == "connected":
        if data.get("lost_ms") is not None:
            tries = int(data.get("attempts") or 0)
            detail = ngettext("%(count)s attempt", "%(count)s attempts", tries) % {"count": tries} if tries else ""
            return Entry("media", "good", _("Media is back after %(time)s") % {"time": _secs(data["lost_ms"])}, detail)
        if data.get("setup_ms") is not None:
            return Entry("media", "good", _("Media connected after %(time)s") % {"time": _secs(data["setup_ms"])})
        return Entry("media", "good", _("Media connected"))
    details = [_cause(data)]
    if data.get("attempt"):
        details.append(_("attempt %(number)s") % {"number": data["attempt"]})
    text = str(STEPS.get(step, _("Media was lost"))) if step else _("Media was lost")
    return Entry("retry", "bad" if state == "failed" else "warning", text, " · ".join(part for part in details if part))


def _region(data: Data) -> Entry:
    if data.get("before"):
        text = _("Changed from TURN region %(before)s to %(region)s") % {
            "before": data["before"],
            "region": data.get("region", ""),
        }
        return Entry("globe", "warning", text)
    return Entry("globe", "plain", _("Goes through TURN region %(region)s") % {"region": data.get("region", "")})


def _rung(data: Data) -> Entry:
    now, before = int(data.get("rung") or 0), int(data.get("before") or 0)
    if now > before:
        return Entry("down", "warning", _("Reduced to: %(rung)s") % {"rung": rung(now)}, _cause(data))
    return Entry("up", "good", _("Raised to: %(rung)s") % {"rung": rung(now)}, _cause(data))


def _order(data: Data) -> Entry:
    word = str(data.get("action", ""))
    return Entry("order", "plain", str(ORDERS.get(word, word or _("Asked for something"))))


def _invited(data: Data) -> Entry:
    video = data.get("media") == "video"
    return Entry("order", "plain", _("Proposed a video call") if video else _("Proposed a voice call"))


def _accepted(data: Data) -> Entry:
    video = data.get("media") == "video"
    return Entry("phone", "good", _("The chat became a video call") if video else _("The chat became a voice call"))


def _declined(data: Data) -> Entry:
    text = _("Took the proposal of a call back") if data.get("own") else _("Declined the proposal of a call")
    return Entry("end", "plain", text)


def _sampling(data: Data) -> Entry:
    every = int(data.get("every_s") or 0)
    return Entry(
        "dot", "plain", _("A long call: from here on measurements are kept every %(every)s s") % {"every": every}
    )


def _full(data: Data) -> Entry:
    return Entry(
        "dot", "warning", _("More events than are kept (%(events)s entries)") % {"events": data.get("events", 0)}
    )


_KINDS: dict[str, Callable[[Data], Entry]] = {
    "joined": _joined,
    "restored": _restored,
    "claimed": _claimed,
    "given-back": _given_back,
    "transferred": _transferred,
    "hold-over": _hold_over,
    "supervised": _supervised,
    "callback:asked": _callback_asked,
    "callback:called": _callback_called,
    "callback:restored": _callback_restored,
    "callback:cancelled": _callback_cancelled,
    "ended": _ended,
    "party:away": _away,
    "party:back": _back,
    "call:state": _state,
    "call:region": _region,
    "call:rung": _rung,
    "call:control": _order,
    "call:invite": _invited,
    "call:accept": _accepted,
    "call:decline": _declined,
    "call:sampling": _sampling,
    "timeline:full": _full,
}
