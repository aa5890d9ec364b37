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
 * @typedef {{id: string, name: string, size: number, mime: string, state: 'ready' | 'waiting' | 'refused' | 'erased', width?: number,
 *   height?: number, url?: string, thumb?: string, expires_at?: number}} FileInfo  see docs/protocol.md; times in ms
 * @typedef {{from: 'customer' | 'operator', id: number, text: string, at: number, file?: FileInfo}} TranscriptLine
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
 * @typedef {{answered: number, handling_median_s: number|null, wait_median_s: number|null, kept_pct: number|null}} Day
 *   one operator's today; null where nothing was measured
 *
 * @typedef {{kind: 'file' | 'voice' | 'video', name: string, length: string, url: string}} LeftFile  url: empty for what may not be opened
 * @typedef {{id: string, name: string, left_at: string, text: string, signs: string, mine: boolean, page: string,
 *   files: LeftFile[]}} LeftMessage
 * @typedef {{open: number, list: string, messages: LeftMessage[]}} LeftMessages  open: those that nobody has taken
 *
 * @typedef {{id: number, name: string}} Label  an outcome, or a tag
 * @typedef {{version: number, outcome: Label | null, tags: Label[]}} Given
 * @typedef {{recorded: boolean, required: boolean, outcomes: Label[], tags: Label[], given: Given}} WrapUpAnswer
 * @typedef {{recorded: boolean, saved?: boolean, given?: Given}} GivenAnswer
 * @typedef {{id: number, conversation: string, about: 'conversation' | 'person', text: string, author: string, own: boolean,
 *   at: string, edited_at: string | null}} Note
 * @typedef {{recorded: boolean, person: boolean, notes: Note[], earlier: Note[]}} NotesAnswer
 *
 * @typedef {{locale?: string | null, attributes?: Record<string, any>, visit?: Record<string, any>,
 *   device_check?: Record<string, any>, answers?: any[]}} About  what is known of a customer; `attributes.identity` alone is verified
 * @typedef {{id: string, joined_at: string, status: 'waiting' | 'active' | 'ended', media: string, duration_s: number | null,
 *   operator: string, outcome: string, tags: string[], notes: number,
 *   rating: number | null, url: string}} Earlier  a conversation of the same person
 * @typedef {{recorded: boolean, about: About | null, earlier: Earlier[], total: number}} CardAnswer
 *
 * @typedef {{get(key: string): string | null, set(key: string, value: string): void, remove(key: string): void,
 *   persistent: boolean}} Store
 */

export {};
