-- name: groups
-- What was planned, sent, answered and booked, by campaign and arm, of the plans of some days.
SELECT campaign, arm, count(*), count(*) FILTER (WHERE sent),
       count(*) FILTER (WHERE delivered_at IS NOT NULL OR read_at IS NOT NULL),
       count(*) FILTER (WHERE read_at IS NOT NULL),
       count(*) FILTER (WHERE response_received),
       count(*) FILTER (WHERE response_type = 'positive'),
       count(*) FILTER (WHERE booking_created),
       count(*) FILTER (WHERE visit_on IS NULL AND b.state = 'cancelled'),
       count(*) FILTER (WHERE visit_on IS NULL AND b.state = 'no_show'),
       count(*) FILTER (WHERE visit_on IS NOT NULL),
       coalesce(sum(revenue_minor), 0)::bigint
FROM (SELECT *, state IN ('accepted', 'delivered', 'read') AS sent
      FROM client_reactivation_history
      WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day) AS h
LEFT JOIN bookings b ON b.company_id = :company_id AND b.booking_id = h.booking_id
GROUP BY campaign, arm ORDER BY campaign, arm;

-- name: not_sent
SELECT state, reason, count(*)
FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
  AND arm = 'contact' AND state NOT IN ('accepted', 'delivered', 'read')
GROUP BY state, reason ORDER BY count(*) DESC, state, reason;

-- name: last_plan
-- Why the others were not written to, on the last planned day of the period.
SELECT plan_on, counts FROM plans
WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
ORDER BY plan_on DESC LIMIT 1;

-- name: what_is_known
-- The last day whose visits are known, and the share of bookings since the experiment began of
-- which it is known when they were made. Bookings of our own dialogs are known at once and
-- exactly, those of the salon only with the next file: the salon's count, or the contact arm
-- would be seen better than the holdout. Where there are no others, ours are all there are.
SELECT coalesce(max(on_date) FILTER (WHERE state = 'completed' AND origin <> 'vernis'),
                max(on_date) FILTER (WHERE state = 'completed')),
       (count(booked_at) FILTER (WHERE recent AND origin <> 'vernis'))::float8
       / nullif(count(*) FILTER (WHERE recent AND origin <> 'vernis'), 0),
       (SELECT min(plan_on) FROM client_reactivation_history WHERE company_id = :company_id)
FROM (SELECT on_date, state, origin, booked_at,
             on_date >= (SELECT min(plan_on) FROM client_reactivation_history
                         WHERE company_id = :company_id) AS recent
      FROM bookings WHERE company_id = :company_id AND on_date <= :today) AS known;

-- name: began_on
SELECT min(plan_on) FROM client_reactivation_history WHERE company_id = :company_id;

-- name: arms
-- The experiment: each lapse once, by its first plan, in the arm it was given whatever became of
-- it; what happened in the window after that plan. Only lapses whose window is over and known.
WITH firsts AS (
    SELECT DISTINCT ON (client_id, last_visit_date) client_id, arm, planned_at,
           (planned_at AT TIME ZONE :zone)::date AS planned_on,
           ((planned_at AT TIME ZONE :zone) + make_interval(days => :days)) AT TIME ZONE :zone
               AS window_ends_at
    FROM client_reactivation_history WHERE company_id = :company_id
    ORDER BY client_id, last_visit_date, attempt),
matured AS (
    SELECT * FROM firsts
    WHERE planned_on BETWEEN :first_day AND :last_day AND window_ends_at <= :now
      AND (window_ends_at AT TIME ZONE :zone)::date < :known_until),
lapses AS (
    SELECT arm, coalesce(bool_or(made_at > planned_at AND made_at <= window_ends_at), false)
               AS booked,
           coalesce(bool_or(visited_at > planned_at AND visited_at <= window_ends_at), false)
               AS visited,
           sum(amount_minor) FILTER (WHERE visited_at > planned_at
                                       AND visited_at <= window_ends_at) AS revenue_minor
    FROM matured m
    LEFT JOIN bookings b ON b.company_id = :company_id AND b.client_id = m.client_id
                        AND b.on_date >= m.planned_on
    LEFT JOIN LATERAL (
        SELECT coalesce(least(booked_at, starts_at), day_begins) AS made_at,
               CASE WHEN b.state = 'completed' THEN coalesce(starts_at, day_begins) END
                   AS visited_at
        FROM (SELECT b.on_date::timestamp AT TIME ZONE :zone AS day_begins) AS day) AS at ON true
    GROUP BY arm, m.client_id, planned_at)
SELECT arm, count(*), count(*) FILTER (WHERE booked), count(*) FILTER (WHERE visited),
       coalesce(sum(revenue_minor), 0)::bigint
FROM lapses GROUP BY arm;

-- name: timing
-- Days from the due date to the message.
SELECT (message_sent_at AT TIME ZONE :zone)::date - due_on AS days_late, count(*),
       count(*) FILTER (WHERE booking_created)
FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
  AND state IN ('accepted', 'delivered', 'read') AND message_sent_at IS NOT NULL
GROUP BY days_late ORDER BY days_late;

-- name: levels
SELECT interval_source, count(*), count(*) FILTER (WHERE response_received),
       count(*) FILTER (WHERE booking_created), count(*) FILTER (WHERE visit_on IS NOT NULL)
FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
  AND state IN ('accepted', 'delivered', 'read')
GROUP BY interval_source ORDER BY array_position(
    ARRAY['personal', 'service_average', 'industry_standard', 'universal'], interval_source);

-- name: days
-- What happened on each day, by the company's own days.
SELECT day, count(*) FILTER (WHERE kind = 'message'), count(*) FILTER (WHERE kind = 'reply'),
       count(*) FILTER (WHERE kind = 'booking')
FROM client_reactivation_history
CROSS JOIN LATERAL (VALUES
    ('message', CASE WHEN state IN ('accepted', 'delivered', 'read') THEN message_sent_at END),
    ('reply', response_at),
    ('booking', booking_created_at)) AS event (kind, at)
CROSS JOIN LATERAL (SELECT (at AT TIME ZONE :zone)::date) AS local (day)
WHERE company_id = :company_id AND arm = 'contact' AND day BETWEEN :first_day AND :last_day
GROUP BY day ORDER BY day;

-- name: variants
-- The test that is in force, else the newest, by lapse: of those with a message that left in these
-- days, what came of any of their messages.
SELECT variant_since, variant, count(*), count(*) FILTER (WHERE replied),
       count(*) FILTER (WHERE positive), count(*) FILTER (WHERE booked)
FROM (SELECT variant_since, variant, bool_or(response_received) AS replied,
             bool_or(response_type = 'positive') AS positive, bool_or(booking_created) AS booked
      FROM client_reactivation_history
      WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
        AND state IN ('accepted', 'delivered', 'read')
        AND variant_since = coalesce(:test_since, (
            SELECT max(variant_since) FROM client_reactivation_history
            WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day))
      GROUP BY variant_since, variant, client_id, last_visit_date) AS lapses
GROUP BY variant_since, variant ORDER BY variant;

-- name: expect_memory
SET LOCAL random_page_cost = 1.1;
