-- name: planned
-- Reactivations without a text, with what a writer may know, in the order of the plan.
SELECT h.id, h.inactive_days, h.attempt, h.plan_on, h.last_service_id, h.last_service_name,
       h.last_visit_date, c.external_key, c.name, c.gender, d.staff_id, st.name AS staff_name,
       h.message_times = '[]' AS times_went,
       -- until one has certainly left for them
       NOT EXISTS (SELECT FROM client_reactivation_history l
                   WHERE l.company_id = h.company_id AND l.client_id = h.client_id
                     AND l.state IN ('accepted', 'delivered', 'read')) AS is_first,
       first.id IS NOT NULL AS has_begun, first.variant, first.variant_since,
       (SELECT coalesce(array_agg(u.message_template ORDER BY u.id), '{}')
        FROM client_reactivation_history u
        WHERE u.company_id = h.company_id AND u.client_id = h.client_id
          AND u.message_template IS NOT NULL) AS used_templates,
       (SELECT coalesce(array_agg(r.message_text ORDER BY r.claimed_at), '{}')
        FROM (SELECT message_text, claimed_at FROM client_reactivation_history
              WHERE company_id = h.company_id AND client_id = h.client_id
                AND claimed_at IS NOT NULL
              ORDER BY claimed_at DESC LIMIT 5) AS r) AS recent_texts
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
LEFT JOIN client_due_dates d ON d.company_id = h.company_id AND d.client_id = h.client_id
LEFT JOIN staff st ON st.company_id = d.company_id AND st.staff_id = d.staff_id
-- The first message of this absence: what follows it stays in its variant.
LEFT JOIN LATERAL (
    SELECT f.id, f.variant, f.variant_since FROM client_reactivation_history f
    WHERE f.company_id = h.company_id AND f.client_id = h.client_id
      AND f.last_visit_date = h.last_visit_date AND f.attempt < h.attempt
      AND f.claimed_at IS NOT NULL
    ORDER BY f.attempt LIMIT 1) AS first ON true
WHERE h.company_id = :company_id AND h.state = 'planned'
ORDER BY h.id LIMIT :batch;

-- name: has_account
-- Whether there is any number that campaign messages may leave from.
SELECT FROM accounts WHERE company_id = :company_id AND position IS NOT NULL LIMIT 1;

-- name: needs_approval
-- As it is set now: a writer may take minutes. Held until the texts are stored, so that whoever
-- asks for approvals finds them all.
SELECT approval, approval_until FROM companies WHERE company_id = :company_id FOR SHARE;

-- name: store_texts
UPDATE client_reactivation_history h
SET state = CASE WHEN t.account_id IS NULL THEN 'skipped' ELSE 'written' END,
    reason = CASE WHEN t.account_id IS NULL THEN 'not_on_channel' ELSE h.reason END,
    message_text = t.body, message_template = t.template,
    message_model = t.model, message_fallback = t.fallback, message_generated = NULL,
    message_times = t.times, offer = t.offer, variant = t.variant, variant_since = t.variant_since,
    account_id = t.account_id, send_after = t.send_after, deadline = t.deadline,
    approved_at = NULL, updated_at = :now
FROM (SELECT u.*, account_for(:company_id, r.phone, :now) AS account_id
      FROM unnest(:ids::bigint[], :bodies::text[], :templates::text[], :models::text[],
                  :fallbacks::text[], :times::jsonb[], :offers::jsonb[], :variants::text[],
                  :variants_since::timestamptz[], :send_afters::timestamptz[],
                  :deadlines::timestamptz[])
           AS u (id, body, template, model, fallback, times, offer, variant, variant_since,
                 send_after, deadline)
      JOIN client_reactivation_history r ON r.company_id = :company_id AND r.id = u.id) AS t
WHERE h.company_id = :company_id AND h.id = t.id AND h.state = 'planned';

-- name: reachable
-- Clients who could be written to one day, those first whose due date is nearest to this one.
SELECT d.client_id, :on::date - d.last_visit_on AS inactive_days
FROM client_due_dates d
JOIN clients c ON c.company_id = d.company_id AND c.client_id = d.client_id
WHERE d.company_id = :company_id AND c.phone IS NOT NULL AND NOT c.blacklisted
  AND c.erased_at IS NULL AND d.last_visit_on BETWEEN :on::date - :gone_too_long AND :on
ORDER BY abs(d.due_on - :on), d.client_id;

-- name: as_if_planned
-- Some clients as they would be written to on a day, in the columns of `planned`.
SELECT d.client_id AS id, :on::date - d.last_visit_on AS inactive_days,
       least(lapse.attempts + 1, 3) AS attempt, :on::date AS plan_on,
       d.service_id AS last_service_id, s.title AS last_service_name,
       d.last_visit_on AS last_visit_date, c.external_key, c.name, c.gender, d.staff_id,
       st.name AS staff_name, false AS times_went, NOT said.has_left AS is_first,
       lapse.attempts > 0 AS has_begun, lapse.variant, lapse.variant_since,
       coalesce(said.templates, '{}') AS used_templates,
       coalesce(said.texts[greatest(1, cardinality(said.texts) - 4):], '{}') AS recent_texts
FROM client_due_dates d
JOIN clients c ON c.company_id = d.company_id AND c.client_id = d.client_id
LEFT JOIN services s ON s.company_id = d.company_id AND s.service_id = d.service_id
LEFT JOIN staff st ON st.company_id = d.company_id AND st.staff_id = d.staff_id
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS attempts, (array_agg(variant ORDER BY attempt))[1] AS variant,
           (array_agg(variant_since ORDER BY attempt))[1] AS variant_since
    FROM client_reactivation_history f
    WHERE f.company_id = d.company_id AND f.client_id = d.client_id
      AND f.last_visit_date = d.last_visit_on AND f.claimed_at IS NOT NULL) AS lapse
CROSS JOIN LATERAL (
    SELECT array_agg(message_template ORDER BY id) FILTER (WHERE message_template IS NOT NULL)
               AS templates,
           coalesce(bool_or(state IN ('accepted', 'delivered', 'read')), false) AS has_left,
           array_agg(message_text ORDER BY claimed_at) FILTER (WHERE claimed_at IS NOT NULL)
               AS texts
    FROM client_reactivation_history m
    WHERE m.company_id = d.company_id AND m.client_id = d.client_id) AS said
WHERE d.company_id = :company_id AND d.client_id = ANY(:clients) AND d.last_visit_on <= :on
ORDER BY inactive_days, d.client_id;
