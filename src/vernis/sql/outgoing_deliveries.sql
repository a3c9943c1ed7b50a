-- name: due
SELECT DISTINCT webhook_id FROM webhook_deliveries
WHERE company_id = :company_id AND state = 'waiting' AND next_attempt_at <= :now
ORDER BY webhook_id;

-- name: claim
-- Until the lease ends nobody else takes them; after a kill they are simply due again then.
WITH due AS (
    SELECT delivery_id FROM webhook_deliveries
    WHERE company_id = :company_id AND webhook_id = :webhook_id AND state = 'waiting'
      AND next_attempt_at <= :now
    ORDER BY next_attempt_at, delivery_id LIMIT :most FOR UPDATE SKIP LOCKED)
UPDATE webhook_deliveries d
SET attempts = d.attempts + 1, claimed_at = :now, next_attempt_at = :until
FROM due, webhooks w
WHERE d.company_id = :company_id AND d.delivery_id = due.delivery_id
  AND w.company_id = :company_id AND w.webhook_id = :webhook_id AND w.paused_at IS NULL
RETURNING d.delivery_id, d.event, d.body, d.attempts, d.claimed_at, w.webhook_id, w.url,
          w.sealed_secret;

-- name: settle
-- By whoever claimed it last; but what has arrived has arrived.
UPDATE webhook_deliveries
SET state = :state, claimed_at = NULL, last_status = :status, last_error = :fault,
    next_attempt_at = coalesce(:retry_at, :now),
    delivered_at = CASE WHEN :state = 'delivered' THEN :now END
WHERE company_id = :company_id AND delivery_id = :delivery_id
  AND (state = 'waiting' AND claimed_at = :claimed_at
       OR state <> 'delivered' AND :state = 'delivered');

-- name: hold
-- The receiver is away: what else waits for it does not knock one after the other.
UPDATE webhook_deliveries d SET next_attempt_at = :held_until
FROM (SELECT delivery_id FROM webhook_deliveries
      WHERE company_id = :company_id AND webhook_id = :webhook_id AND state = 'waiting'
        AND claimed_at IS NULL AND next_attempt_at < :held_until
      FOR UPDATE SKIP LOCKED) AS held
WHERE d.company_id = :company_id AND d.delivery_id = held.delivery_id;

-- name: is_failing
-- Nothing has arrived since `since`, and what was tried before it did not either.
SELECT EXISTS (SELECT FROM webhook_deliveries
               WHERE company_id = :company_id AND webhook_id = :webhook_id
                 AND attempts > 0 AND created_at < :since)
   AND NOT EXISTS (SELECT FROM webhook_deliveries
                   WHERE company_id = :company_id AND webhook_id = :webhook_id
                     AND delivered_at >= :since);

-- name: next_attempt
SELECT min(next_attempt_at) FROM webhook_deliveries
WHERE company_id = :company_id AND state = 'waiting';

-- name: listed
SELECT delivery_id, webhook_id, event, body, state, attempts, next_attempt_at, last_status,
       last_error, created_at, delivered_at
FROM webhook_deliveries
WHERE company_id = :company_id
  AND (:delivery_id::bigint IS NULL OR delivery_id = :delivery_id)
  AND (:webhook_id::bigint IS NULL OR webhook_id = :webhook_id)
  AND (:state::text IS NULL OR state = :state)
  AND (:before::bigint IS NULL OR delivery_id < :before)
ORDER BY delivery_id DESC LIMIT :most;

-- name: again
-- From the beginning; one that is being sent at this moment, when its lease ends.
UPDATE webhook_deliveries
SET state = 'waiting', attempts = 0, delivered_at = NULL,
    next_attempt_at = CASE WHEN claimed_at IS NULL THEN :now ELSE next_attempt_at END
WHERE company_id = :company_id AND delivery_id = :delivery_id
RETURNING pg_notify('vernis_told', company_id::text);

-- name: forget
DELETE FROM webhook_deliveries
WHERE company_id = :company_id AND state <> 'waiting' AND created_at < :before;
