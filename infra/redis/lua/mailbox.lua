-- A numbered mailbox per party, and the way to the process that holds the party's socket.
-- keys: conn box mail
--
-- conn  hash  party -> "<process>|<connection>": the one socket that may speak for the party
-- box   hash  "<party>:seq" last number given; ":floor" all up to here is acknowledged or trimmed; ":epoch"; ":inc";
--             ":home" the process that held its socket last
-- mail  hash  "<party>/<seq>" -> "<conversation>\n<frame>"
local MAIL_MAX = 1000

local function int(n) return string.format('%.0f', n) end
local function fail(code) return redis.error_reply('ADM ' .. code) end

-- Fencing: only the newest socket of a party is heard. Without any (its process was given up) the party has to come again.
local function speaks(party, conn) return redis.call('HGET', K['conn'], party) == conn end
local function unheard(party) return fail(redis.call('HEXISTS', K['conn'], party) == 1 and 'replaced' or 'lapsed') end

-- What a process is told of a frame. kind: a letter for what the frame means to it. r: a call begins, e: a conversation is
-- over, w: it waits again, x: the frame is a word to the process itself, o: it only passes through.
local function notice(party, seq, epoch, conversation, kind, frame)
  return party .. '\n' .. seq .. '\n' .. epoch .. '\n' .. conversation .. '\n' .. kind .. '\n' .. frame
end

local function tell_process(process, notice)
  if redis.call('PUBLISH', PREFIX .. 'm:' .. process, notice) > 0 then return end
  -- A process of a release that knew no letters listens here. An update passes through a time with both.
  local party, seq, head, kind, frame = string.match(notice, '^(.-)\n(.-)\n(.-\n.-\n)(.-)\n(.*)$')
  redis.call('PUBLISH', PREFIX .. 'p:' .. process, party .. '\n' .. (kind == 'x' and kind or seq) .. '\n' .. head .. frame)
end

local function process_of(conn) return string.match(conn, '^[^|]+') end

-- Wakes the process that holds the party's socket; without a socket the frame waits in the mailbox.
local function publish(party, seq, epoch, conversation, kind, frame)
  local conn = redis.call('HGET', K['conn'], party)
  if conn then tell_process(process_of(conn), notice(party, seq, epoch, conversation, kind, frame)) end
end

-- Stores a frame that has a number. Past MAIL_MAX unread ones the oldest goes, and a resume from before it is refused.
local function lay_in(party, seq, floor, conversation, frame)
  local number = int(seq)
  redis.call('HSET', K['mail'], party .. '/' .. number, conversation .. '\n' .. frame)
  if seq - (tonumber(floor) or 0) > MAIL_MAX then
    redis.call('HDEL', K['mail'], party .. '/' .. int(seq - MAIL_MAX))
    redis.call('HSET', K['box'], party .. ':floor', int(seq - MAIL_MAX))
  end
  return number
end

-- Numbers and stores a frame; answers its number and its mailbox' epoch. `known`: {epoch, floor}, by whoever has read them in
-- this script.
local function store(party, conversation, frame, known)
  local seq = redis.call('HINCRBY', K['box'], party .. ':seq', '1')
  known = known or redis.call('HMGET', K['box'], party .. ':epoch', party .. ':floor')
  return lay_in(party, seq, known[2], conversation, frame), known[1] or '0'
end

local function put(party, conversation, kind, frame, known)
  local seq, epoch = store(party, conversation, frame, known)
  publish(party, seq, epoch, conversation, kind, frame)
end
