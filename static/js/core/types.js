/**
 * Shapes that cross module borders. Types only; no code is loaded from here.
 *
 * A frame is one JSON object on the WebSocket. `seq` stands on numbered frames from the server, `id` on numbered
 * frames from a client; see docs/protocol.md.
 * @typedef {{type: string, seq?: number, id?: number, conversation?: string, [field: string]: any}} Frame
 *
 * @typedef {{low_s: number, high_s: number}} Estimate  waiting time as an honest range, seconds
 * @typedef {'video' | 'audio' | 'chat'} MediaKind
 * @typedef {'connecting' | 'connected' | 'reconnecting' | 'failed'} CallState
 * @typedef {RTCIceServer & {region?: string}} IceServer
 * @typedef {{from: 'customer' | 'operator', id: number, text: string, at: number}} TranscriptLine
 *
 * The whole current state, sent when a resume is impossible: enough to draw the page from nothing.
 * @typedef {{
 *   phase: 'idle' | 'waiting' | 'active' | 'ended',
 *   conversation: string | null, position: number | null, waiting: number | null, estimate: Estimate | null,
 *   peer: {name: string} | null, polite: boolean | null, media: MediaKind | null, ice_servers: IceServer[] | null,
 *   gen: number, since: number | null, reason: string | null, transcript: TranscriptLine[]
 * }} ResyncState
 *
 * @typedef {{
 *   rtt_ms: number | null, jitter_ms: number | null, loss_pct: number | null, bitrate_kbps: number | null,
 *   region: string | null, candidate_type: string | null, codec: string | null, quality: number | null,
 *   rung?: number, reason?: string | null
 * }} CallStats  quality: 1 (unusable) to 5 (excellent); rung: how far the sender cut back, and why
 *
 * @typedef {{id: number, shortcut: string, text: string}} CannedReply  text: with its places not filled yet
 *
 * @typedef {{get(key: string): string | null, set(key: string, value: string): void, remove(key: string): void,
 *   persistent: boolean}} Store
 */

export {};
