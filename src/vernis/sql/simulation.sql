-- name: services
-- Every name of a service in the files, its code among them.
SELECT folded, service_id FROM service_names WHERE company_id = :company_id;

-- name: forget_hours
DELETE FROM staff_hours WHERE company_id = :company_id;

-- name: set_hours
-- The salon's own roster instead of what an import could infer.
INSERT INTO staff_hours (company_id, staff_id, weekday, opens, closes)
SELECT :company_id, s.staff_id, t.weekday, t.opens, t.closes
FROM unnest(:names::text[], :weekdays::smallint[], :opens::time[], :closes::time[])
     AS t (name, weekday, opens, closes)
JOIN staff s ON s.company_id = :company_id AND s.name = t.name;

-- name: open_bookings
-- What the files say is to come: client's key, day, service.
SELECT c.external_key, b.on_date, b.service_id, b.booking_id
FROM bookings b JOIN clients c ON c.company_id = b.company_id AND c.client_id = b.client_id
WHERE b.company_id = :company_id AND b.origin = 'file' AND b.state = 'booked';

-- name: add_bookings
-- What clients booked with the salon itself, as the CRM tells it. In the order given.
INSERT INTO bookings (company_id, origin, external_key, client_id, service_id, staff_id, on_date,
                      starts_at, ends_at, state, booked_at)
SELECT :company_id, 'crm', t.key, c.client_id, t.service_id, s.staff_id,
       (t.starts_at AT TIME ZONE :timezone)::date, t.starts_at, t.ends_at, 'booked', t.booked_at
FROM unnest(:keys::text[], :clients::text[], :services::bigint[], :staff::text[],
            :starts::timestamptz[], :ends::timestamptz[], :booked::timestamptz[])
     WITH ORDINALITY AS t (key, client_key, service_id, staff, starts_at, ends_at, booked_at,
                           position)
JOIN clients c ON c.company_id = :company_id AND c.external_key = t.client_key
JOIN staff s ON s.company_id = :company_id AND s.name = t.staff
ORDER BY t.position
RETURNING external_key, booking_id;

-- name: end_bookings
-- What became of bookings: came, called off or did not come.
UPDATE bookings b
SET state = t.state, amount_minor = coalesce(t.amount_minor, b.amount_minor),
    cancelled_at = CASE WHEN t.state = 'cancelled' THEN t.at END, updated_at = t.at
FROM unnest(:bookings::bigint[], :states::text[], :amounts::bigint[], :ats::timestamptz[])
     AS t (booking_id, state, amount_minor, at)
WHERE b.company_id = :company_id AND b.booking_id = t.booking_id;

-- name: release
DELETE FROM busy_quarters WHERE company_id = :company_id AND booking_id = ANY(:bookings);

-- name: occupy
INSERT INTO busy_quarters (company_id, staff_id, starts_at, booking_id)
SELECT b.company_id, b.staff_id, q, b.booking_id
FROM bookings b,
     generate_series(b.starts_at, b.ends_at - interval '1 second', '15 minutes') AS q
WHERE b.company_id = :company_id AND b.booking_id = ANY(:bookings) AND b.state = 'booked';

-- name: due_dates_are_old
UPDATE companies SET computed_on = NULL WHERE company_id = :company_id;

-- name: sent
-- What reached the sandbox at a moment, in the order of sending.
SELECT h.id, c.external_key, h.message_text
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
WHERE h.company_id = :company_id AND h.message_sent_at = :at
ORDER BY h.id;

-- name: stories
-- Everybody who answered a message, chose a time in the dialog, booked and came; the longest
-- acquaintances first.
SELECT h.id, h.client_id, c.external_key, c.name, h.phone, h.plan_on, h.reason, h.interval_source,
       h.interval_days, h.due_on, h.last_visit_date, h.inactive_days, h.last_service_name,
       h.visit_on, h.revenue_minor, before.visits,
       (SELECT array_agg(m.intent ORDER BY m.message_id) FROM messages m
        JOIN dialogs d ON d.company_id = m.company_id AND d.dialog_id = m.dialog_id
        WHERE m.company_id = h.company_id AND d.phone = h.phone AND m.direction = 'in') AS intents,
       (SELECT count(*) FROM client_reactivation_history o
        WHERE o.company_id = h.company_id AND o.client_id = h.client_id
          AND o.arm = 'contact' AND o.message_sent_at IS NOT NULL) AS attempts
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
JOIN bookings b ON b.company_id = h.company_id AND b.reactivation_id = h.id
     AND b.booking_id = h.booking_id
CROSS JOIN LATERAL (
    SELECT count(DISTINCT v.on_date) AS visits FROM bookings v
    WHERE v.company_id = h.company_id AND v.client_id = h.client_id AND v.state = 'completed'
      AND v.on_date <= h.last_visit_date) AS before
WHERE h.company_id = :company_id AND h.arm = 'contact' AND h.response_received
  AND h.visit_on IS NOT NULL
ORDER BY before.visits DESC, h.id;

-- name: visits_before
SELECT DISTINCT on_date FROM bookings
WHERE company_id = :company_id AND client_id = :client_id AND state = 'completed'
  AND on_date <= :until
ORDER BY on_date;

-- name: conversation
SELECT direction, body, said_at FROM conversation
WHERE company_id = :company_id AND phone = :phone AND said_at <= :until
ORDER BY said_at, position;

-- name: booked
SELECT b.on_date, b.starts_at, s.title, t.name, b.state, b.amount_minor
FROM bookings b
JOIN services s ON s.company_id = b.company_id AND s.service_id = b.service_id
JOIN staff t ON t.company_id = b.company_id AND t.staff_id = b.staff_id
WHERE b.company_id = :company_id AND b.reactivation_id = :id
ORDER BY b.booking_id DESC LIMIT 1;

-- name: double_messages
-- Lapses that got the same attempt twice: a promise, so a simulation counts them.
SELECT count(*) FROM (
    SELECT FROM sandbox_messages WHERE company_id = :company_id AND direction = 'out'
    GROUP BY key HAVING count(*) > 1) AS doubled;
