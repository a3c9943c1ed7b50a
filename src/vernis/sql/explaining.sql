-- name: matching
-- Clients that are meant by an id, a key or a phone; the closest kind of match first.
SELECT client_id, CASE WHEN client_id = :client_id THEN 1 WHEN lower(external_key) = lower(:key)
                       THEN 2 ELSE 3 END AS kind
FROM clients
WHERE company_id = :company_id
  AND (client_id = :client_id OR lower(external_key) = lower(:key) OR phone = :phone)
ORDER BY kind, client_id;

-- name: client
SELECT client_id, external_key, name, phone, phone_state, consent, consent_source, consent_on,
       blacklisted, declined_at, erased_at
FROM clients WHERE company_id = :company_id AND client_id = :client_id;

-- name: opted_out
SELECT created_at FROM opt_outs WHERE company_id = :company_id AND phone_hash = :phone_hash;

-- name: visits
SELECT count(DISTINCT on_date), min(on_date), max(on_date), coalesce(sum(amount_minor), 0)::bigint
FROM bookings
WHERE company_id = :company_id AND client_id = :client_id AND state = 'completed'
  AND on_date <= :on;

-- name: services
-- What the client comes for, the most frequent first.
SELECT s.title, count(DISTINCT on_date), max(on_date)
FROM bookings b JOIN services s ON s.company_id = :company_id AND s.service_id = b.service_id
WHERE b.company_id = :company_id AND b.client_id = :client_id AND b.state = 'completed'
  AND on_date <= :on
GROUP BY s.service_id, s.title ORDER BY 2 DESC, 3 DESC, 1;

-- name: rhythm
SELECT s.title AS service_title, t.name AS staff_name, last_visit_on, interval_days, d.low_days,
       d.high_days, due_on, interval_source AS source, round(confidence::numeric, 2)::float8
           AS confidence, visit_count AS visits, shortest_days AS shortest,
       longest_days AS longest, i.sample_size AS returns,
       returning_chance::float8, falling_chance::float8
FROM client_due_dates d
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = d.service_id
LEFT JOIN staff t ON t.company_id = :company_id AND t.staff_id = d.staff_id
LEFT JOIN service_reactivation_intervals i
       ON i.company_id = :company_id AND i.service_id = d.service_id AND i.is_active
WHERE d.company_id = :company_id AND d.client_id = :client_id;

-- name: reactivations
SELECT h.id, plan_on, arm, h.state, reason, attempt, campaign, last_visit_date, interval_days,
       interval_source, due_on, message_text, message_sent_at, delivered_at, read_at, response_at,
       response_type, booking_id, booking_created_at, visit_on, revenue_minor, variant,
       message_template, message_model, message_fallback, message_generated, rejected_because,
       a.name, a.channel, tried_at, refusal, consent
FROM client_reactivation_history h
LEFT JOIN accounts a ON a.company_id = h.company_id AND a.account_id = h.account_id
WHERE h.company_id = :company_id AND h.client_id = :client_id
ORDER BY planned_at, id;

-- name: said
SELECT said_at, direction, body, state, intent
FROM conversation WHERE company_id = :company_id AND phone = :phone
ORDER BY said_at, position;

-- name: bookings
-- The newest, and all that are ahead.
SELECT booking_id, on_date, starts_at, s.title, t.name, b.state, amount_minor, booked_at, origin
FROM bookings b
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = b.service_id
LEFT JOIN staff t ON t.company_id = :company_id AND t.staff_id = b.staff_id
WHERE b.company_id = :company_id AND b.client_id = :client_id
ORDER BY on_date DESC, starts_at DESC NULLS LAST, booking_id DESC LIMIT :newest;
