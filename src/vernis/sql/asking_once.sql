-- name: forget
-- What is older than a day, a little with each new key.
DELETE FROM idempotency_keys WHERE company_id = :company_id AND key_hash IN (
    SELECT key_hash FROM idempotency_keys
    WHERE company_id = :company_id AND created_at < :forgotten LIMIT 100);

-- name: claim
-- A new key, or one whose process has not come back for so long that it has died.
INSERT INTO idempotency_keys AS k (company_id, key_hash, request_hash, created_at)
VALUES (:company_id, :key_hash, :request_hash, :now)
ON CONFLICT (company_id, key_hash) DO UPDATE SET created_at = :now
    WHERE k.status IS NULL AND k.request_hash = :request_hash AND k.created_at < :given_up
RETURNING true;

-- name: known
SELECT request_hash, status, answer FROM idempotency_keys
WHERE company_id = :company_id AND key_hash = :key_hash;

-- name: keep
-- Only the latest claim may say what was answered.
UPDATE idempotency_keys SET status = :status, answer = :answer
WHERE company_id = :company_id AND key_hash = :key_hash AND status IS NULL AND created_at = :now;

-- name: release
DELETE FROM idempotency_keys
WHERE company_id = :company_id AND key_hash = :key_hash AND status IS NULL AND created_at = :now;
