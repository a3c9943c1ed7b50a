-- A draft is a written reactivation without send_after: what waits for a person to approve it.

-- name: waiting
-- All of them, or some, with what is needed to judge the text, in the columns of writing's `planned`.
SELECT h.id, h.client_id, h.plan_on, h.deadline, h.inactive_days, h.attempt, h.last_service_id,
       h.last_service_name, h.last_visit_date, h.message_text, h.message_generated,
       h.message_template, h.message_model, h.message_fallback, h.message_times, h.offer,
       h.variant, h.variant_since, h.rejected_because, c.external_key, c.name, c.gender, d.staff_id,
       st.name AS staff_name, true AS has_begun, false AS times_went,
       NOT EXISTS (SELECT FROM client_reactivation_history l
                   WHERE l.company_id = h.company_id AND l.client_id = h.client_id
                     AND l.state IN ('accepted', 'delivered', 'read')) AS is_first,
       ARRAY[]::text[] AS used_templates,
       (SELECT coalesce(array_agg(r.message_text ORDER BY r.claimed_at), '{}')
        FROM (SELECT message_text, claimed_at FROM client_reactivation_history
              WHERE company_id = h.company_id AND client_id = h.client_id
                AND claimed_at IS NOT NULL
              ORDER BY claimed_at DESC LIMIT 5) AS r) AS recent_texts
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
LEFT JOIN client_due_dates d ON d.company_id = h.company_id AND d.client_id = h.client_id
LEFT JOIN staff st ON st.company_id = d.company_id AND st.staff_id = d.staff_id
WHERE h.company_id = :company_id AND h.state = 'written' AND h.send_after IS NULL
  AND h.claimed_at IS NULL AND h.deadline > :now
  AND (:ids::bigint[] IS NULL OR h.id = ANY(:ids))
ORDER BY h.id;

-- name: days
-- The days of those of some drafts that still wait, or of all; nobody else decides on them now.
SELECT id, plan_on FROM client_reactivation_history
WHERE company_id = :company_id AND state = 'written' AND send_after IS NULL
  AND claimed_at IS NULL AND deadline > :now AND (:ids::bigint[] IS NULL OR id = ANY(:ids))
ORDER BY id FOR UPDATE;

-- name: approve
UPDATE client_reactivation_history h
SET send_after = t.send_after, approved_at = :now, updated_at = :now
FROM unnest(:ids::bigint[], :send_afters::timestamptz[]) AS t (id, send_after)
WHERE h.company_id = :company_id AND h.id = t.id;

-- name: edit
-- The first text is kept, however often it is edited.
UPDATE client_reactivation_history
SET message_generated = coalesce(message_generated, message_text), message_text = :body,
    message_times = :times, updated_at = :now
WHERE company_id = :company_id AND id = :id AND state = 'written' AND send_after IS NULL
  AND claimed_at IS NULL AND deadline > :now;

-- name: reject
UPDATE client_reactivation_history
SET state = 'skipped', reason = :reason, rejected_because = :because, updated_at = :now
WHERE company_id = :company_id AND id = :id AND state = 'written' AND send_after IS NULL
  AND claimed_at IS NULL AND deadline > :now;

-- name: skip
-- Whatever has not begun to leave, with a text or without.
UPDATE client_reactivation_history
SET state = 'skipped', reason = :reason, rejected_because = :because, updated_at = :now
WHERE company_id = :company_id AND id = :id AND state IN ('planned', 'written')
  AND claimed_at IS NULL;

-- name: hold
UPDATE client_reactivation_history
SET send_after = NULL, approved_at = NULL, updated_at = :now
WHERE company_id = :company_id AND id = :id AND state = 'written' AND send_after IS NOT NULL
  AND claimed_at IS NULL AND deadline > :now;
