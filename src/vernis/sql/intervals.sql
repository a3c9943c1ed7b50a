-- name: lock_company
-- Two computations at once would both store what both have forgotten.
SELECT FROM companies WHERE company_id = :company_id FOR NO KEY UPDATE;

-- name: clients
SELECT coalesce(array_agg(client_id ORDER BY client_id), '{}')
FROM clients WHERE company_id = :company_id;

-- name: services
-- The lines of the model, each with the days of its industry standard.
SELECT s.service_id, n.interval_days
FROM services s LEFT JOIN industry_standard_intervals n ON n.category_key = s.standard_key
WHERE s.company_id = :company_id ORDER BY s.service_id;

-- name: own_intervals
SELECT service_id, own_interval_days FROM services
WHERE company_id = :company_id AND own_interval_days IS NOT NULL;

-- name: titles
SELECT service_id, title FROM services WHERE company_id = :company_id;

-- name: model
SELECT service_ids, model, foretold FROM timing_models WHERE company_id = :company_id;

-- name: visits
-- All completed bookings of some clients as columns: days are Python's ordinals, -1 is nothing.
SELECT coalesce(array_agg(client_id), '{}'),
       coalesce(array_agg(on_date - '0001-01-01'::date + 1), '{}'),
       coalesce(array_agg(coalesce(service_id, -1)), '{}'),
       coalesce(array_agg(coalesce(staff_id, -1)), '{}'),
       coalesce(array_agg(coalesce(amount_minor, 0)), '{}')
FROM bookings JOIN unnest(:clients::bigint[]) AS wanted (client_id) USING (client_id)
WHERE company_id = :company_id AND state = 'completed' AND on_date <= :on;

-- name: attempted
-- Lapses with an attempt that can no longer be taken back, and the day that the client asked for.
SELECT h.client_id AS client, h.last_visit_date AS last_visit_on,
       max(h.plan_on) AS last_attempt_on, max(c.remind_on) AS remind_on
FROM client_reactivation_history h
JOIN unnest(:clients::bigint[]) AS wanted (client_id) USING (client_id)
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
WHERE h.company_id = :company_id
  AND h.state IN ('held_out', 'accepted', 'delivered', 'read', 'failed', 'unknown')
GROUP BY h.client_id, h.last_visit_date;

-- name: store_due_dates
-- Most clients have not come since the last time: what is the same is not written again. Here and
-- below, clients who were looked at and not found have no visits any more.
WITH fresh AS MATERIALIZED (
    SELECT * FROM unnest(
        :client::bigint[], :service::bigint[], :staff::bigint[], :last::bigint[], :days::bigint[],
        :low::bigint[], :high::bigint[], :first::bigint[], :opens::bigint[], :source::bigint[], :confidence::real[],
        :returning::real[], :falling::real[], :visits::bigint[], :shortest::bigint[],
        :longest::bigint[], :spent::bigint[])
        AS t (client_id, service_id, staff_id, last_on, days, low, high, first_on, opens, source, confidence,
              returning_chance, falling_chance, visits, shortest, longest, spent)),
gone AS (
    DELETE FROM client_due_dates d USING unnest(:clients::bigint[]) AS wanted (client_id)
    WHERE d.company_id = :company_id AND d.client_id = wanted.client_id
      AND NOT EXISTS (SELECT FROM fresh WHERE fresh.client_id = d.client_id))
INSERT INTO client_due_dates AS d
    (company_id, client_id, service_id, staff_id, last_visit_on, interval_days, low_days, high_days,
     due_on, first_on, opens_on, interval_source, confidence, returning_chance, falling_chance, visit_count,
     shortest_days, longest_days, spent_minor)
SELECT :company_id, client_id, nullif(service_id, -1), nullif(staff_id, -1),
       '0001-01-01'::date + (last_on - 1)::integer, days, low, high,
       '0001-01-01'::date + (last_on + days - 1)::integer,
       '0001-01-01'::date + (first_on - 1)::integer,
       CASE WHEN opens > 0 THEN '0001-01-01'::date + (opens - 1)::integer END,
       (ARRAY['personal', 'service_average', 'industry_standard', 'universal', 'own'])[source + 1],
       confidence, nullif(returning_chance, -1), nullif(falling_chance, -1), visits,
       nullif(shortest, 0), nullif(longest, 0), spent
FROM fresh
ON CONFLICT (company_id, client_id) DO UPDATE SET
    service_id = excluded.service_id, staff_id = excluded.staff_id,
    last_visit_on = excluded.last_visit_on, interval_days = excluded.interval_days,
    low_days = excluded.low_days, high_days = excluded.high_days, due_on = excluded.due_on,
    first_on = excluded.first_on, opens_on = excluded.opens_on, interval_source = excluded.interval_source,
    confidence = excluded.confidence, returning_chance = excluded.returning_chance,
    falling_chance = excluded.falling_chance, visit_count = excluded.visit_count,
    shortest_days = excluded.shortest_days, longest_days = excluded.longest_days,
    spent_minor = excluded.spent_minor
WHERE d IS DISTINCT FROM excluded;

-- name: store_personal
WITH fresh AS MATERIALIZED (
    SELECT * FROM unnest(:client::bigint[], :service::bigint[], :days::bigint[], :visits::bigint[],
                         :consistency::real[])
        AS t (client_id, service_id, days, visits, consistency)),
gone AS (
    DELETE FROM client_personalized_intervals p
    USING unnest(:clients::bigint[]) AS wanted (client_id)
    WHERE p.company_id = :company_id AND p.client_id = wanted.client_id
      AND NOT EXISTS (SELECT FROM fresh
                      WHERE fresh.client_id = p.client_id AND fresh.service_id = p.service_id))
INSERT INTO client_personalized_intervals AS p
    (company_id, client_id, service_id, personal_interval_days, visit_count, consistency_score,
     last_calculated)
SELECT :company_id, client_id, service_id, days, visits, consistency, :now FROM fresh
ON CONFLICT (company_id, client_id, service_id) DO UPDATE SET
    personal_interval_days = excluded.personal_interval_days,
    visit_count = excluded.visit_count, consistency_score = excluded.consistency_score,
    last_calculated = excluded.last_calculated
WHERE (p.personal_interval_days, p.visit_count, p.consistency_score) IS DISTINCT FROM
      (excluded.personal_interval_days, excluded.visit_count, excluded.consistency_score);

-- name: forget_service_intervals
UPDATE service_reactivation_intervals SET is_active = false WHERE company_id = :company_id;

-- name: store_service
-- Level 2, as of the newest visit.
INSERT INTO service_reactivation_intervals
    (company_id, service_id, service_name, median_interval_days, avg_interval_days,
     min_interval_days, max_interval_days, stddev_days, low_days, high_days, sample_size,
     last_calculated, is_active)
SELECT company_id, service_id, title, :median, :average, :shortest, :longest, :spread, :low, :high,
       :returns, :now, true
FROM services WHERE company_id = :company_id AND service_id = :service_id
ON CONFLICT (company_id, service_id) DO UPDATE SET
    service_name = excluded.service_name, median_interval_days = excluded.median_interval_days,
    avg_interval_days = excluded.avg_interval_days, min_interval_days = excluded.min_interval_days,
    max_interval_days = excluded.max_interval_days, stddev_days = excluded.stddev_days,
    low_days = excluded.low_days, high_days = excluded.high_days,
    sample_size = excluded.sample_size, last_calculated = excluded.last_calculated,
    is_active = true;

-- name: store_model
INSERT INTO timing_models (company_id, learned_on, service_ids, model, foretold)
VALUES (:company_id, :on, :services, :model, :foretold)
ON CONFLICT (company_id) DO UPDATE SET
    learned_on = excluded.learned_on, service_ids = excluded.service_ids, model = excluded.model,
    foretold = excluded.foretold;

-- name: mark_computed
UPDATE companies SET computed_on = :on WHERE company_id = :company_id;

-- name: computed_on
SELECT computed_on FROM companies WHERE company_id = :company_id;

-- name: summary
-- What the owner sees: each level with its clients and days.
SELECT interval_source, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY interval_days),
       round(avg(confidence)::numeric, 2)
FROM client_due_dates WHERE company_id = :company_id
GROUP BY interval_source ORDER BY min(array_position(
    ARRAY['personal', 'own', 'service_average', 'industry_standard', 'universal'], interval_source));

-- name: service_summary
SELECT s.service_id, s.title, s.standard_key, i.median_interval_days AS median_days, i.low_days,
       i.high_days, i.sample_size AS returns, n.interval_days AS standard_days,
       s.own_interval_days AS own_days
FROM services s
LEFT JOIN service_reactivation_intervals i
       ON i.company_id = s.company_id AND i.service_id = s.service_id AND i.is_active
LEFT JOIN industry_standard_intervals n ON n.category_key = s.standard_key
WHERE s.company_id = :company_id AND (i.service_id IS NOT NULL OR s.standard_key IS NOT NULL OR s.own_interval_days IS NOT NULL)
ORDER BY i.sample_size DESC NULLS LAST, s.title;
