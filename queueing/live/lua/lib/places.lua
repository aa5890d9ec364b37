-- How many may wait from one part of the network. A customer's groups (digests of its address and of the networks around it,
-- or of its signed identity; see queueing/live/places.py) stand in `record.places`, the narrowest first.
-- include: lib/state
-- keys: places
--
-- places  zset  "<group>/<conversation>", all with score 0: who waits from where
local PRUNE_MAX = 100

local function take_places(cid, groups)
  local scored = {}
  for _, group in ipairs(groups or {}) do
    scored[#scored + 1] = '0'
    scored[#scored + 1] = group .. '/' .. cid
  end
  if #scored > 0 then redis.call('ZADD', K['places'], unpack(scored)) end
end

local function give_places(cid, groups)
  local members = {}
  for index, group in ipairs(groups or {}) do members[index] = group .. '/' .. cid end
  if #members > 0 then redis.call('ZREM', K['places'], unpack(members)) end
end

-- Whether `most` or more wait from there. Before it says so it looks whether they are in the queue: nobody is refused for
-- the sake of somebody who has gone.
local function is_crowded(group, most)
  local from, to = '[' .. group .. '/', '[' .. group .. '/\255'
  local held = redis.call('ZLEXCOUNT', K['places'], from, to)
  if held < most then return false end
  for _, member in ipairs(redis.call('ZRANGEBYLEX', K['places'], from, to, 'LIMIT', '0', PRUNE_MAX)) do
    if not redis.call('ZSCORE', K['line'], string.sub(member, #group + 2)) then
      redis.call('ZREM', K['places'], member)
      held = held - 1
    end
  end
  return held >= most
end

-- Why somebody with these groups cannot have a place: full, crowded, or nil. The last cfg.newcomers places of the queue are for
-- those from whose address nobody waits yet.
local function no_place(cfg, groups)
  local waiting = redis.call('ZCARD', K['line'])
  if waiting >= cfg.max_length then return 'full' end
  for index, group in ipairs(groups or {}) do
    if is_crowded(group, cfg.places[index]) then return 'crowded' end
  end
  if groups and groups[1] and waiting >= cfg.max_length - cfg.newcomers and is_crowded(groups[1], 1) then return 'full' end
end
