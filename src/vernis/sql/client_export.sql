-- name: client
SELECT client_id, external_key, name, surname, gender, phone, lid AS whatsapp_id, timezone,
       blacklisted, declined_at, remind_on, erased_at, created_at,
       consent, consent_source, consent_on
FROM clients WHERE company_id = :company_id AND client_id = :client_id;

-- name: opt_outs
SELECT source, created_at FROM opt_outs
WHERE company_id = :company_id AND phone_hash = ANY(:keys::bytea[]) ORDER BY created_at;

-- name: bookings
SELECT b.booking_id, b.on_date, b.starts_at, b.ends_at, s.title AS service, t.name AS staff, b.state,
       b.amount_minor, b.booked_at, b.cancelled_at, b.origin, b.external_key
FROM bookings b
LEFT JOIN services s ON s.company_id = b.company_id AND s.service_id = b.service_id
LEFT JOIN staff t ON t.company_id = b.company_id AND t.staff_id = b.staff_id
WHERE b.company_id = :company_id AND b.client_id = :client_id
ORDER BY b.on_date, b.booking_id;

-- name: expected
SELECT d.last_visit_on, d.interval_days, d.low_days, d.high_days, d.due_on, d.interval_source,
       d.confidence::float8, d.returning_chance::float8, d.falling_chance::float8, d.visit_count,
       d.spent_minor, s.title AS service, t.name AS staff
FROM client_due_dates d
LEFT JOIN services s ON s.company_id = d.company_id AND s.service_id = d.service_id
LEFT JOIN staff t ON t.company_id = d.company_id AND t.staff_id = d.staff_id
WHERE d.company_id = :company_id AND d.client_id = :client_id;

-- name: rhythms
SELECT s.title AS service, p.personal_interval_days, p.visit_count, p.consistency_score::float8,
       p.last_calculated
FROM client_personalized_intervals p
JOIN services s ON s.company_id = p.company_id AND s.service_id = p.service_id
WHERE p.company_id = :company_id AND p.client_id = :client_id ORDER BY s.title;

-- name: reactivations
SELECT h.id, h.plan_on, h.planned_at, h.arm, h.state, h.reason, h.attempt, h.campaign, h.phone,
       h.last_service_name, h.last_visit_date, h.interval_days, h.interval_source, h.due_on,
       h.message_text, h.message_generated, h.message_template, h.message_model, h.offer,
       h.message_times, h.rejected_because, a.channel, a.name AS account, h.consent AS relied_on,
       h.message_sent_at, h.delivered_at, h.read_at, h.response_at, h.response_type,
       h.response_text, h.booking_id, h.booking_created_at, h.visit_on, h.revenue_minor
FROM client_reactivation_history h
LEFT JOIN accounts a ON a.company_id = h.company_id AND a.account_id = h.account_id
WHERE h.company_id = :company_id AND h.client_id = :client_id ORDER BY h.planned_at, h.id;

-- name: dialogs
-- Those of this client; of a number that several share, what is not another one's.
SELECT dialog_id, phone, lid AS whatsapp_id, state, created_at, updated_at, waiting_since,
       waiting_why
FROM dialogs
WHERE company_id = :company_id
  AND (client_id = :client_id OR client_id IS NULL AND (phone = :phone OR lid = :lid))
ORDER BY dialog_id;

-- name: messages
SELECT m.dialog_id, m.said_at, m.direction, m.kind, m.body AS text, m.state, m.intent,
       m.confidence::float8, m.reading
FROM messages m
WHERE m.company_id = :company_id AND m.dialog_id = ANY(:dialogs::bigint[])
ORDER BY m.said_at, m.message_id;

-- name: reach
SELECT phone, channel, reachable, checked_at FROM reach
WHERE company_id = :company_id AND phone = :phone ORDER BY channel;

-- name: intents
SELECT action, state, starts_at, booking_id, created_at FROM booking_intents
WHERE company_id = :company_id AND client_id = :client_id ORDER BY created_at, key;
