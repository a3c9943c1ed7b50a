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
WHERE b.company_id = :company_id AND b.booking_id = t.booking_id
RETURNING b.client_id, b.state;

-- name: release
DELETE FROM busy_quarters WHERE company_id = :company_id AND booking_id = ANY(:bookings);

-- name: occupy
INSERT INTO busy_quarters (company_id, staff_id, starts_at, booking_id)
SELECT b.company_id, b.staff_id, q, b.booking_id
FROM bookings b,
     generate_series(b.starts_at, b.ends_at - interval '1 second', '15 minutes') AS q
WHERE b.company_id = :company_id AND b.booking_id = ANY(:bookings) AND b.state = 'booked';

-- name: sent
-- What left at a moment, in the order of sending.
SELECT h.id, c.external_key, h.message_text
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
WHERE h.company_id = :company_id AND h.message_sent_at = :at
ORDER BY h.id;

-- name: stories
-- Everybody who answered a message, booked in the dialog and came.
SELECT h.id, h.client_id, c.external_key AS client_key, c.name, h.phone, h.plan_on, h.reason,
       h.interval_source, h.interval_days, h.due_on, h.last_visit_date, h.inactive_days,
       h.last_service_name, h.message_text, h.visit_on, h.revenue_minor, past.visits, said.intents
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
JOIN bookings b ON b.company_id = h.company_id AND b.booking_id = h.booking_id
     AND b.reactivation_id = h.id AND b.state = 'completed'
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT v.on_date ORDER BY v.on_date) AS visits FROM bookings v
    WHERE v.company_id = h.company_id AND v.client_id = h.client_id AND v.state = 'completed'
      AND v.on_date <= h.last_visit_date) AS past
CROSS JOIN LATERAL (
    SELECT array_agg(m.intent ORDER BY m.message_id) AS intents
    FROM messages m JOIN dialogs d ON d.company_id = m.company_id AND d.dialog_id = m.dialog_id
    WHERE m.company_id = h.company_id AND d.phone = h.phone AND m.direction = 'in') AS said
WHERE h.company_id = :company_id AND h.arm = 'contact' AND h.visit_on IS NOT NULL
ORDER BY h.id;

-- name: conversation
SELECT direction, body, said_at FROM conversation
WHERE company_id = :company_id AND phone = :phone AND said_at >= :since
ORDER BY said_at, position;

-- name: booked
SELECT b.starts_at, s.title, t.name, b.booked_at
FROM bookings b
JOIN services s ON s.company_id = b.company_id AND s.service_id = b.service_id
JOIN staff t ON t.company_id = b.company_id AND t.staff_id = b.staff_id
WHERE b.company_id = :company_id AND b.reactivation_id = :id AND b.state = 'completed'
ORDER BY b.booking_id DESC LIMIT 1;

-- name: opted_out
SELECT count(*) FROM opt_outs WHERE company_id = :company_id;
