-- name: create
INSERT INTO api_keys (company_id, key_hash, name, scopes, requests_per_minute, created_at)
VALUES (:company_id, :key_hash, :name, :scopes, :requests_per_minute, :now)
RETURNING key_id;

-- name: find
SELECT key_id, name, scopes, requests_per_minute, created_at, used_at, revoked_at FROM api_keys
WHERE company_id = :company_id AND key_hash = :key_hash;

-- name: used
-- To the minute: a busy key does not write its row with every request.
UPDATE api_keys SET used_at = :now
WHERE company_id = :company_id AND key_id = :key_id
  AND (used_at IS NULL OR used_at < :now - interval '1 minute');

-- name: all_keys
SELECT key_id, name, scopes, requests_per_minute, created_at, used_at, revoked_at FROM api_keys
WHERE company_id = :company_id ORDER BY key_id;

-- name: revoke
UPDATE api_keys SET revoked_at = coalesce(revoked_at, :now)
WHERE company_id = :company_id AND key_id = :key_id
RETURNING key_id;
