-- name: is_told
SELECT EXISTS (SELECT FROM webhooks WHERE company_id = :company_id AND :event = ANY(events)
                                      AND paused_at IS NULL);

-- name: tell
-- A row for each webhook that wants it, once per happening. Who listens delivers it at once.
WITH told AS (
    INSERT INTO webhook_deliveries
        (company_id, webhook_id, event, event_key, body, next_attempt_at, created_at)
    SELECT :company_id, webhook_id, :event, :event_key, :body::jsonb, :now, :now FROM webhooks
    WHERE company_id = :company_id AND :event = ANY(events) AND paused_at IS NULL
    ON CONFLICT (company_id, webhook_id, event_key) DO NOTHING
    RETURNING company_id)
SELECT pg_notify('vernis_told', company_id::text) FROM told LIMIT 1;

-- name: tell_one
-- Whatever this webhook wants to be told of.
INSERT INTO webhook_deliveries
    (company_id, webhook_id, event, event_key, body, next_attempt_at, created_at)
VALUES (:company_id, :webhook_id, :event, :event_key, :body, :now, :now)
RETURNING delivery_id;

-- name: booking
SELECT b.client_id, b.starts_at, b.service_id FROM bookings b
WHERE b.company_id = :company_id AND b.booking_id = :booking_id;

-- name: attributed
-- Bookings that this attribution has just found to be of a message, made lately: what was made
-- long ago or before the webhook is no news.
WITH told AS (
    INSERT INTO webhook_deliveries
        (company_id, webhook_id, event, event_key, body, next_attempt_at, created_at)
    SELECT h.company_id, w.webhook_id, 'booking.created', 'booking.created:' || b.booking_id,
           jsonb_build_object(
               'type', 'booking.created', 'timestamp', :timestamp::text,
               'company_id', h.company_id,
               'data', jsonb_build_object(
                   'booking_id', b.booking_id, 'client_id', h.client_id, 'reactivation_id', h.id,
                   'starts_at', to_char(b.starts_at AT TIME ZONE 'UTC',
                                        'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
                   'service_id', b.service_id, 'source', 'attribution')),
           :now, :now
    FROM client_reactivation_history h
    JOIN bookings b ON b.company_id = h.company_id AND b.booking_id = h.booking_id
    JOIN webhooks w ON w.company_id = h.company_id AND 'booking.created' = ANY(w.events)
                   AND w.paused_at IS NULL AND w.created_at <= h.booking_created_at
    WHERE h.company_id = :company_id AND h.plan_on >= :since AND h.updated_at = :now
      AND h.arm = 'contact' AND h.booking_created AND h.booking_created_at > :news_since
      AND b.state IN ('booked', 'completed')
    ON CONFLICT (company_id, webhook_id, event_key) DO NOTHING
    RETURNING company_id)
SELECT pg_notify('vernis_told', company_id::text) FROM told LIMIT 1;
