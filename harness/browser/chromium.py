"""Debian's Chromium with made-up devices, and what looks at a page's connections from within."""

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_SHELL = "/usr/bin/chromium-headless-shell"
"""The same engine and media without the browser around them, for a third less processor. It asks nobody for permission
and shows no notification; where that matters the whole Chromium is."""
# Pages of the browser's own, loaded for every window though nobody sees them: four fifths of what a window costs.
UNSEEN = ("Translate", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxPopup")
# Network and drawing as threads of the browser: what they tell each other need not change processes.
TOGETHER = ["--enable-features=NetworkServiceInProcess2", "--in-process-gpu"]
CHROMIUM_ARGS = [
    # The last list counts: none of Playwright's own stays switched off.
    f"--disable-features={','.join(UNSEEN)}",
    *TOGETHER,
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # As few pictures as it makes: both ends encode and decode them in software.
    "--use-fake-device-for-media-stream=fps=5,device-count=2",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
# What the pages do with their connections is asked of the browser itself, not of our code.
OBSERVER = """
(() => {
  const Native = window.RTCPeerConnection;
  window.observedPeers = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...args) { super(...args); window.observedPeers.push(this); }
  };
  // Asked with every picture that a screen could show, the statistics would cost more than the call.
  let rested = Promise.resolve();
  window.observedMedia = async () => {
    await rested;
    rested = new Promise((resolve) => setTimeout(resolve, 200));
    const sum = {framesDecoded: 0, audioBytes: 0};
    for (const peer of window.observedPeers) {
      if (peer.connectionState === "closed") continue;
      // Of a connection that is closed meanwhile no answer may ever come.
      const late = new Promise((resolve) => setTimeout(resolve, 500, new Map()));
      const reports = await Promise.race([peer.getStats(), late]);
      for (const report of reports.values()) {
        if (report.type !== "inbound-rtp") continue;
        if (report.kind === "video") sum.framesDecoded += report.framesDecoded ?? 0;
        if (report.kind === "audio") sum.audioBytes += report.bytesReceived ?? 0;
      }
    }
    return sum;
  };
})();
"""
# Pictures are encoded, decoded and drawn in software: a call would keep a core busy.
SPARING_CAMERA = """
(() => {
  const devices = navigator.mediaDevices;
  const open = devices?.getUserMedia.bind(devices);
  if (!open) return;
  const small = (camera) => camera && {...(camera === true ? {} : camera), width: 320, height: 180, frameRate: 10};
  devices.getUserMedia = (wish) => open(wish && {...wish, video: small(wish.video)});
})();
"""
