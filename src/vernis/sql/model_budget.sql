-- name: lock_status
-- One at a time asks about a model: the seconds that it is still left alone for, and whether a
-- pause after failures is over.
INSERT INTO model_status (model_hash, name, outcome, outcome_at)
VALUES (:model_hash, :name, 'untried', clock_timestamp())
ON CONFLICT (model_hash) DO UPDATE SET name = excluded.name
RETURNING coalesce(extract(epoch FROM paused_until - clock_timestamp()), 0)::float8,
          failures > 0 AND paused_until IS NOT NULL;

-- name: extend_pause
UPDATE model_status
SET paused_until = greatest(paused_until, clock_timestamp() + make_interval(secs => :seconds))
WHERE model_hash = :model_hash;

-- name: reserve_money
-- Nothing is returned where the limit of the company-local month does not allow it.
INSERT INTO model_spending AS s (company_id, month, requests, micro_usd)
SELECT :company_id, date_trunc('month', clock_timestamp() AT TIME ZONE :timezone)::date, 1,
       :micro_usd
WHERE :limit_micro_usd::bigint IS NULL OR :micro_usd::bigint <= :limit_micro_usd
ON CONFLICT (company_id, month) DO UPDATE
SET requests = s.requests + 1, micro_usd = s.micro_usd + excluded.micro_usd
WHERE :limit_micro_usd::bigint IS NULL OR s.micro_usd + excluded.micro_usd <= :limit_micro_usd
RETURNING month;

-- name: lock_key
-- One at a time counts the requests of a key; the next statement sees what the last one wrote.
INSERT INTO model_keys (key_hash) VALUES (:key_hash)
ON CONFLICT (key_hash) DO UPDATE SET key_hash = excluded.key_hash;

-- name: allow_request
-- Nothing is returned where the minute or the day is used up.
WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS now)
INSERT INTO model_requests (key_hash, allowed_at, ends_at)
SELECT :key_hash, now, now + make_interval(secs => :longest_seconds) FROM moment
WHERE (SELECT count(*) FROM model_requests r WHERE r.key_hash = :key_hash
       AND r.ends_at > now - make_interval(secs => :minute_seconds)) < :per_minute
  AND (SELECT count(*) FROM model_requests r WHERE r.key_hash = :key_hash
       AND r.ends_at > now - make_interval(secs => :day_seconds)) < :per_day
RETURNING request_id, allowed_at;

-- name: end_request
UPDATE model_requests SET ends_at = least(ends_at, clock_timestamp())
WHERE key_hash = :key_hash AND request_id = :request_id;

-- name: forget_requests
DELETE FROM model_requests
WHERE key_hash = :key_hash AND ends_at < clock_timestamp() - make_interval(secs => :day_seconds);

-- name: settle_money
UPDATE model_spending SET micro_usd = micro_usd + :difference
WHERE company_id = :company_id AND month = :month;

-- name: remember_outcome
-- `works` ends every pause. Requests that failed side by side are one failure: only one that was
-- allowed after the last failure adds to it.
UPDATE model_status
SET outcome = :outcome, outcome_at = clock_timestamp(),
    worked_at = CASE WHEN :works THEN clock_timestamp() ELSE worked_at END,
    failures = CASE WHEN :works THEN 0
                    WHEN :counts AND :allowed_at > coalesce(failed_at, '-infinity')
                    THEN failures + 1 ELSE failures END,
    failed_at = CASE WHEN :works THEN NULL
                     WHEN :counts THEN clock_timestamp() ELSE failed_at END,
    paused_until = CASE WHEN :works THEN NULL ELSE paused_until END
WHERE model_hash = :model_hash
RETURNING failures;
