"""What Redis does for `adapters.context` in one step, as Lua. Each script touches one key."""

# A key of another type holds nothing that the contract can read, so it is replaced.
SET_DIALOG = """
local key, only_if_absent, ttl, overwritten = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local kind = redis.call('TYPE', key).ok
if kind ~= 'none' and kind ~= 'hash' then redis.call('DEL', key) end
if only_if_absent == '1' and redis.call('HEXISTS', key, 'pendingAction') == 1 then return 0 end
for i = 4, #ARGV, 2 do
  local command = i < 4 + 2 * overwritten and 'HSET' or 'HSETNX'
  redis.call(command, key, ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', key, ttl)
return 1
"""

# Only our own note is cleared; what another assistant put in its place is still pending.
CLEAR_PENDING_ACTION = """
local key, ttl, now = KEYS[1], ARGV[1], ARGV[2]
if redis.call('TYPE', key).ok ~= 'hash' then return 0 end
local readable, action = pcall(cjson.decode, redis.call('HGET', key, 'pendingAction') or 'null')
if readable and type(action) == 'table' and action.type ~= 'reactivation_response' then return 0 end
redis.call('HSET', key, 'pendingAction', 'null', 'lastUpdated', now)
redis.call('EXPIRE', key, ttl)
return 1
"""

# An entry that is there is not pushed again, and one put back late lands below the newer ones.
PUSH_MESSAGE = """
local key, entry, at, ttl, kept = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local kind = redis.call('TYPE', key).ok
if kind ~= 'none' and kind ~= 'list' then redis.call('DEL', key) end
local older
local known = redis.call('LRANGE', key, 0, kept - 1)
for _, other in ipairs(known) do
  if other == entry then return 0 end
  if not older then
    local readable, message = pcall(cjson.decode, other)
    local stamp = readable and type(message) == 'table' and message.timestamp
    if type(stamp) ~= 'string' or stamp <= at then older = other end
  end
end
if older then
  redis.call('LINSERT', key, 'BEFORE', older, entry)
elseif #known < kept then
  redis.call('RPUSH', key, entry)
end
redis.call('LTRIM', key, 0, kept - 1)
redis.call('EXPIRE', key, ttl)
return 1
"""

REPLACE_IF_SAME = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
"""
