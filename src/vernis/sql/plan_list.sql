-- name: of_day
-- A day's messages in the order of the plan. The window is known while the visit that the decision
-- went by is still the last one.
SELECT h.id AS reactivation_id, h.client_id, c.name, c.surname, h.state, h.reason, h.attempt,
       h.last_service_name AS service_title, st.name AS staff_name,
       h.last_visit_date AS last_visit_on, h.inactive_days AS away_days,
       h.interval_days, h.interval_source, h.due_on, d.low_days, d.high_days, d.visit_count,
       d.spent_minor, d.returning_chance::float8, d.falling_chance::float8,
       h.message_text AS text, h.message_generated AS generated,
       h.rejected_because, h.send_after, h.message_sent_at AS sent_at, h.response_at,
       h.response_type, h.booking_id IS NOT NULL AS has_booked, h.visit_on, h.revenue_minor,
       (SELECT g.dialog_id FROM dialogs g
        WHERE g.company_id = :company_id AND g.phone = h.phone) AS dialog_id,
       h.state = 'written' AND h.send_after IS NULL AND h.claimed_at IS NULL
           AND h.deadline > :now AS waits,
       h.state IN ('planned', 'written') AND h.claimed_at IS NULL AS can_stop,
       h.state = 'written' AND h.send_after IS NOT NULL AND h.claimed_at IS NULL
           AND h.deadline > :now AS can_hold
FROM client_reactivation_history h
JOIN clients c ON c.company_id = :company_id AND c.client_id = h.client_id
LEFT JOIN client_due_dates d ON d.company_id = :company_id AND d.client_id = h.client_id
 AND d.last_visit_on = h.last_visit_date
LEFT JOIN staff st ON st.company_id = :company_id AND st.staff_id = d.staff_id
WHERE h.company_id = :company_id AND h.plan_on = :on AND h.arm = :arm AND h.id > :after
  AND (:reason::text IS NULL OR h.reason = :reason)
  AND (NOT :waiting OR (h.state = 'written' AND h.send_after IS NULL AND h.claimed_at IS NULL
                        AND h.deadline > :now))
  AND (:id::bigint IS NULL OR h.id = :id)
ORDER BY h.id LIMIT :most;

-- name: day_of
SELECT plan_on, arm FROM client_reactivation_history WHERE company_id = :company_id AND id = :id;

-- name: phone_of
SELECT client_id, phone FROM client_reactivation_history
WHERE company_id = :company_id AND id = :id;

-- name: numbers
-- What a day's plan has come to: contacts by reason and state, and those that wait for a person.
SELECT reason, state, arm, count(*) AS number,
       count(*) FILTER (WHERE state = 'written' AND send_after IS NULL AND claimed_at IS NULL
                          AND deadline > :now) AS waiting,
       count(response_at) AS replies, count(booking_id) AS bookings, max(id) AS last_id
FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on = :on
GROUP BY reason, state, arm;

-- name: clients
-- Some clients with what the plan goes by, whether they ever came or not.
SELECT c.client_id, c.name, c.surname, s.title AS service_title, st.name AS staff_name,
       d.last_visit_on, :on::date - d.last_visit_on AS away_days, d.interval_days,
       d.interval_source, d.due_on, d.low_days, d.high_days, d.visit_count, d.spent_minor,
       d.returning_chance::float8, d.falling_chance::float8
FROM unnest(:clients::bigint[]) WITH ORDINALITY AS wanted (client_id, position)
JOIN clients c ON c.company_id = :company_id AND c.client_id = wanted.client_id
LEFT JOIN client_due_dates d ON d.company_id = :company_id AND d.client_id = c.client_id
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = d.service_id
LEFT JOIN staff st ON st.company_id = :company_id AND st.staff_id = d.staff_id
WHERE c.erased_at IS NULL
ORDER BY wanted.position;

-- name: recent_days
-- The days before one that have a plan, newest first, with how many were written to.
SELECT p.plan_on, (SELECT count(*) FROM client_reactivation_history h
                   WHERE h.company_id = :company_id AND h.plan_on = p.plan_on
                     AND h.arm = 'contact' AND h.claimed_at IS NOT NULL) AS sent
FROM plans p WHERE p.company_id = :company_id AND p.plan_on < :on
ORDER BY p.plan_on DESC LIMIT :most;

-- name: stored
SELECT counts, planned_at FROM plans WHERE company_id = :company_id AND plan_on = :on;
