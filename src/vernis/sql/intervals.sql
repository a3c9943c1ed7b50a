-- name: lock_company
-- Two computations at once would both store what both have forgotten.
SELECT FROM companies WHERE company_id = :company_id FOR NO KEY UPDATE;

-- name: forget_service_intervals
UPDATE service_reactivation_intervals SET is_active = false WHERE company_id = :company_id;

-- name: compute_service_intervals
-- Level 2, as of the newest visit: beyond it the data knows nothing, so nobody "did not return".
-- A service that fell under ten returns keeps its row, inactive.
INSERT INTO service_reactivation_intervals
    (company_id, service_id, service_name, median_interval_days, avg_interval_days,
     min_interval_days, max_interval_days, stddev_days, low_days, high_days, sample_size,
     last_calculated, is_active)
SELECT :company_id, service_id, service_name, median_interval_days, avg_interval_days,
       min_interval_days, max_interval_days, stddev_days, low_days, high_days, sample_size,
       :now, true
FROM calculate_service_averages(:company_id, :as_of)
ON CONFLICT (company_id, service_id) DO UPDATE SET
    service_name = excluded.service_name, median_interval_days = excluded.median_interval_days,
    avg_interval_days = excluded.avg_interval_days, min_interval_days = excluded.min_interval_days,
    max_interval_days = excluded.max_interval_days, stddev_days = excluded.stddev_days,
    low_days = excluded.low_days, high_days = excluded.high_days,
    sample_size = excluded.sample_size, last_calculated = excluded.last_calculated,
    is_active = true;

-- name: services
-- What is known of each service above the single client.
SELECT s.service_id, i.median_interval_days, i.low_days, i.high_days, i.sample_size,
       n.category_key, n.interval_days, n.min_days, n.max_days,
       coalesce(s.standard_confidence, n.confidence_score)
FROM services s
LEFT JOIN service_reactivation_intervals i
       ON i.company_id = s.company_id AND i.service_id = s.service_id
      AND i.is_active AND i.sample_size >= 10
LEFT JOIN industry_standard_intervals n ON n.category_key = s.standard_key
WHERE s.company_id = :company_id;

-- name: rhythms
-- Each client's days for each service, newest first, as Python's ordinals. Here and below
-- `clients` is null for all.
SELECT client_id, service_id,
       array_agg(on_date - '0001-01-01'::date + 1 ORDER BY client_id, service_id, on_date DESC)
FROM bookings
WHERE company_id = :company_id AND state = 'completed' AND on_date <= :on
  AND service_id IS NOT NULL AND (:clients::bigint[] IS NULL OR client_id = ANY(:clients))
GROUP BY client_id, service_id;

-- name: visitors
-- Each client with a visit: the last day and who served it, how many visits, what was spent.
SELECT client_id, max(on_date), count(DISTINCT on_date), coalesce(sum(amount_minor), 0)::bigint,
       (array_agg(staff_id ORDER BY on_date DESC, staff_id) FILTER (WHERE staff_id IS NOT NULL))[1]
FROM bookings
WHERE company_id = :company_id AND state = 'completed' AND on_date <= :on
  AND (:clients::bigint[] IS NULL OR client_id = ANY(:clients))
GROUP BY client_id;

-- name: store_personal
-- Rows that are there already are changed in place: their keys need not be checked again.
WITH fresh AS MATERIALIZED (
    SELECT * FROM json_to_recordset(:rows::json) AS t (
        client_id bigint, service_id bigint, days integer, visits integer, consistency numeric)),
gone AS (
    DELETE FROM client_personalized_intervals p
    WHERE company_id = :company_id AND (:clients::bigint[] IS NULL OR client_id = ANY(:clients))
      AND (client_id, service_id) NOT IN (SELECT client_id, service_id FROM fresh))
INSERT INTO client_personalized_intervals
    (company_id, client_id, service_id, personal_interval_days, visit_count, consistency_score,
     last_calculated)
SELECT :company_id, client_id, service_id, days, visits, consistency, :now FROM fresh
ON CONFLICT (company_id, client_id, service_id) DO UPDATE SET
    personal_interval_days = excluded.personal_interval_days,
    visit_count = excluded.visit_count, consistency_score = excluded.consistency_score,
    last_calculated = excluded.last_calculated;

-- name: store_due_dates
-- Most clients have not come since the last time: what is the same is not written again.
WITH fresh AS MATERIALIZED (
    SELECT * FROM json_to_recordset(:rows::json) AS t (
        client_id bigint, service_id bigint, staff_id bigint, last_on date, days integer,
        low integer, high integer, source text, confidence numeric(3, 2), evidence jsonb,
        visits integer, spent bigint)),
gone AS (
    DELETE FROM client_due_dates
    WHERE company_id = :company_id AND (:clients::bigint[] IS NULL OR client_id = ANY(:clients))
      AND client_id NOT IN (SELECT client_id FROM fresh))
INSERT INTO client_due_dates AS d
    (company_id, client_id, service_id, staff_id, last_visit_on, interval_days, low_days, high_days,
     due_on, interval_source, confidence, evidence, visit_count, spent_minor)
SELECT :company_id, client_id, service_id, staff_id, last_on, days, low, high, last_on + days,
       source, confidence, evidence, visits, spent
FROM fresh
ON CONFLICT (company_id, client_id) DO UPDATE SET
    service_id = excluded.service_id, staff_id = excluded.staff_id,
    last_visit_on = excluded.last_visit_on, interval_days = excluded.interval_days,
    low_days = excluded.low_days, high_days = excluded.high_days, due_on = excluded.due_on,
    interval_source = excluded.interval_source, confidence = excluded.confidence,
    evidence = excluded.evidence, visit_count = excluded.visit_count,
    spent_minor = excluded.spent_minor
WHERE d IS DISTINCT FROM excluded;

-- name: mark_computed
UPDATE companies SET computed_on = :on WHERE company_id = :company_id;

-- name: computed_on
SELECT computed_on FROM companies WHERE company_id = :company_id;

-- name: summary
-- What the owner sees: each level with its clients and days.
SELECT interval_source, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY interval_days),
       round(avg(confidence), 2)
FROM client_due_dates WHERE company_id = :company_id
GROUP BY interval_source ORDER BY min(array_position(
    ARRAY['personal', 'service_average', 'industry_standard', 'universal'], interval_source));

-- name: service_summary
SELECT s.title, s.standard_key, i.median_interval_days AS median_days, i.low_days, i.high_days,
       i.sample_size AS returns, n.interval_days AS standard_days
FROM services s
LEFT JOIN service_reactivation_intervals i
       ON i.company_id = s.company_id AND i.service_id = s.service_id AND i.is_active
LEFT JOIN industry_standard_intervals n ON n.category_key = s.standard_key
WHERE s.company_id = :company_id AND (i.service_id IS NOT NULL OR s.standard_key IS NOT NULL)
ORDER BY i.sample_size DESC NULLS LAST, s.title;
