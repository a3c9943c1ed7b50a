-- name: by_day
-- How many the plan begins to look at on each day.
SELECT opens_on, count(*) FROM client_due_dates
WHERE company_id = :company_id AND opens_on BETWEEN :first_day AND :last_day
GROUP BY opens_on;

-- name: opening
-- Who they are.
SELECT client_id FROM client_due_dates
WHERE company_id = :company_id AND opens_on = :on ORDER BY client_id LIMIT :most;

-- name: number_due
SELECT count(*) FROM client_due_dates
WHERE company_id = :company_id AND opens_on <= :on AND last_visit_on BETWEEN :gone_before AND :on;

-- name: mark
-- What changes when the plan of a day might: computed, planned, stopped, decided, booked.
SELECT c.computed_on, c.planned_on,
       (SELECT count(*) FROM opt_outs WHERE company_id = :company_id) AS stopped,
       (SELECT coalesce(max(b.booking_id), 0) FROM bookings b WHERE b.company_id = :company_id)
           AS booked,
       (SELECT coalesce(string_agg(format('%%s %%s', state, number), ',' ORDER BY state), '')
        FROM (SELECT state, count(*) AS number FROM client_reactivation_history
              WHERE company_id = :company_id AND plan_on = :on GROUP BY state) AS states) AS states
FROM companies c WHERE c.company_id = :company_id;

-- name: decided
-- Whom this day has already decided to write to or to hold out.
SELECT client_id, reason FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on = :on AND state NOT IN ('skipped', 'expired');

-- name: not_due
-- Those whose time comes later, the soonest first.
SELECT client_id FROM client_due_dates
WHERE company_id = :company_id AND opens_on > :on
  AND (:after::bigint IS NULL OR (opens_on, client_id) > (
      SELECT opens_on, client_id FROM client_due_dates
      WHERE company_id = :company_id AND client_id = :after))
ORDER BY opens_on, client_id LIMIT :most;

-- name: attempts_exhausted
SELECT client_id FROM client_due_dates
WHERE company_id = :company_id AND opens_on IS NULL AND client_id > coalesce(:after::bigint, 0)
ORDER BY client_id LIMIT :most;

-- name: gone_too_long
SELECT client_id FROM client_due_dates
WHERE company_id = :company_id AND opens_on <= :on AND last_visit_on < :gone_before
  AND client_id > coalesce(:after::bigint, 0)
ORDER BY client_id LIMIT :most;

-- name: no_visits
SELECT c.client_id FROM clients c
WHERE c.company_id = :company_id AND c.client_id > coalesce(:after::bigint, 0)
  AND NOT EXISTS (SELECT FROM client_due_dates d
                  WHERE d.company_id = :company_id AND d.client_id = c.client_id)
ORDER BY c.client_id LIMIT :most;
