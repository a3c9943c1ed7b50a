-- name: dialog
-- A dialog with what the receptionist may know of the client and the reactivation. `spoke_at` is
-- when it was last spoken, what is waiting to be handled aside.
SELECT g.dialog_id, g.phone, g.lid, g.client_id, g.account_id, g.reactivation_id, g.state,
       g.silent_until, g.waiting_since,
       coalesce(h.last_service_id, d.service_id, l.service_id) AS service_id,
       coalesce(d.staff_id, l.staff_id) AS staff_id, h.offer, h.message_times,
       coalesce(h.message_sent_at, h.claimed_at) AS sent_at,
       h.provider_message_id AS campaign_message_id,
       (SELECT max(m.said_at) FROM messages m
        WHERE m.company_id = g.company_id AND m.dialog_id = g.dialog_id
          AND m.state <> 'received') AS spoke_at,
       (SELECT m.provider_message_id FROM messages m
        WHERE m.company_id = g.company_id AND m.dialog_id = g.dialog_id AND m.direction = 'out'
          AND m.state <> 'skipped'
        ORDER BY m.message_id DESC LIMIT 1) AS last_message_id,
       (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY (v.starts_at AT TIME ZONE :zone)::time)
        FROM (SELECT b.starts_at FROM bookings b
              WHERE b.company_id = g.company_id AND b.client_id = g.client_id
                AND b.state = 'completed' AND b.starts_at IS NOT NULL
              ORDER BY b.on_date DESC LIMIT 8) AS v) AS usual_at
FROM dialogs g
LEFT JOIN client_reactivation_history h
       ON h.company_id = g.company_id AND h.id = g.reactivation_id
LEFT JOIN client_due_dates d ON d.company_id = g.company_id AND d.client_id = g.client_id
LEFT JOIN LATERAL (SELECT b.service_id, b.staff_id FROM bookings b
                   WHERE b.company_id = g.company_id AND b.client_id = g.client_id
                     AND b.state = 'completed' AND b.service_id IS NOT NULL
                   ORDER BY b.on_date DESC LIMIT 1) AS l ON d.client_id IS NULL
WHERE g.company_id = :company_id AND g.dialog_id = :dialog_id;

-- name: services
-- What can be booked, the most wanted first.
SELECT s.service_id, s.title, s.price_minor, s.duration_minutes FROM services s
LEFT JOIN (SELECT service_id, count(*) AS clients FROM client_due_dates
           WHERE company_id = :company_id GROUP BY service_id) AS w ON w.service_id = s.service_id
WHERE s.company_id = :company_id AND s.is_active
ORDER BY coalesce(w.clients, 0) DESC, s.service_id;

-- name: masters
-- All who work, and whether they do the service, as the calendar finds it: all where nobody is
-- known to.
WITH doers AS (SELECT DISTINCT staff_id FROM bookings
               WHERE company_id = :company_id AND service_id = :service_id AND staff_id IS NOT NULL)
SELECT s.staff_id, s.name,
       s.staff_id IN (SELECT staff_id FROM doers) OR NOT EXISTS (SELECT FROM doers) AS does
FROM staff s
WHERE s.company_id = :company_id AND s.is_active
  AND EXISTS (
    SELECT FROM staff_hours h WHERE h.company_id = s.company_id AND h.staff_id = s.staff_id)
ORDER BY s.name;

-- name: hours
-- The weekdays and the widest hours at which somebody works.
SELECT weekday, min(opens), max(closes) FROM staff_hours
WHERE company_id = :company_id GROUP BY weekday ORDER BY weekday;
