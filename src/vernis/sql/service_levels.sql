-- name: visits
SELECT service_id, count(*) FROM bookings
WHERE company_id = :company_id AND state = 'completed' AND service_id IS NOT NULL
GROUP BY service_id;

-- name: personal
-- Clients with a rhythm of their own, three visits or more, and the middle of their rhythms.
SELECT service_id, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY personal_interval_days)
FROM client_personalized_intervals
WHERE company_id = :company_id AND (:service_id::bigint IS NULL OR service_id = :service_id)
GROUP BY service_id;

-- name: used
-- Whom the service's due dates concern, by the level that gave them.
SELECT service_id, interval_source, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY interval_days)
FROM client_due_dates
WHERE company_id = :company_id AND service_id IS NOT NULL
  AND (:service_id::bigint IS NULL OR service_id = :service_id)
GROUP BY service_id, interval_source;

-- name: days
-- The visits for one service as columns: days are Python's ordinals. Beyond the newest visit of all
-- the data knows nothing.
SELECT coalesce(array_agg(client_id), '{}'),
       coalesce(array_agg(on_date - '0001-01-01'::date + 1), '{}'),
       (SELECT max(last_visit_on) FROM client_due_dates WHERE company_id = :company_id)
FROM bookings
WHERE company_id = :company_id AND service_id = :service_id AND state = 'completed'
  AND on_date <= :on;
