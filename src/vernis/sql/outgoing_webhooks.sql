-- name: count
SELECT count(*) FROM webhooks WHERE company_id = :company_id;

-- name: create
-- The secret is sealed for its own row, whose number is known only now.
INSERT INTO webhooks (company_id, url, sealed_secret, events, created_at)
VALUES (:company_id, :url, '', :events, :now)
RETURNING webhook_id;

-- name: keep_secret
UPDATE webhooks SET sealed_secret = :sealed_secret
WHERE company_id = :company_id AND webhook_id = :webhook_id;

-- name: listed
SELECT webhook_id, url, events, created_at, paused_at, pause_reason FROM webhooks
WHERE company_id = :company_id AND (:webhook_id::bigint IS NULL OR webhook_id = :webhook_id)
ORDER BY webhook_id;

-- name: secret
SELECT url, sealed_secret FROM webhooks
WHERE company_id = :company_id AND webhook_id = :webhook_id FOR UPDATE;

-- name: change
UPDATE webhooks
SET url = coalesce(:url, url), events = coalesce(:events, events)
WHERE company_id = :company_id AND webhook_id = :webhook_id;

-- name: pause
UPDATE webhooks SET paused_at = :now, pause_reason = :reason
WHERE company_id = :company_id AND webhook_id = :webhook_id AND paused_at IS NULL;

-- name: give_up
-- What waits for a paused webhook is not told; it may be sent again by hand.
UPDATE webhook_deliveries d SET state = 'failed', last_error = 'paused'
FROM (SELECT delivery_id FROM webhook_deliveries
      WHERE company_id = :company_id AND webhook_id = :webhook_id AND state = 'waiting'
      ORDER BY delivery_id FOR UPDATE) AS waiting
WHERE d.company_id = :company_id AND d.delivery_id = waiting.delivery_id;

-- name: resume
UPDATE webhooks SET paused_at = NULL, pause_reason = NULL
WHERE company_id = :company_id AND webhook_id = :webhook_id;

-- name: remove
DELETE FROM webhooks WHERE company_id = :company_id AND webhook_id = :webhook_id;
