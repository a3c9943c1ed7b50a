-- name: planned
-- Reactivations without a text, with what a writer may know, in the order of the plan.
SELECT h.id, h.inactive_days, h.attempt, h.plan_on, h.last_service_name, c.name, c.gender,
       st.name AS staff_name,
       (SELECT coalesce(array_agg(u.message_template ORDER BY u.id), '{}')
        FROM client_reactivation_history u
        WHERE u.company_id = h.company_id AND u.client_id = h.client_id
          AND u.message_template IS NOT NULL) AS used_templates
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
LEFT JOIN client_due_dates d ON d.company_id = h.company_id AND d.client_id = h.client_id
LEFT JOIN staff st ON st.company_id = d.company_id AND st.staff_id = d.staff_id
WHERE h.company_id = :company_id AND h.state = 'planned'
ORDER BY h.id LIMIT :batch;

-- name: account
-- The number that campaign messages leave from.
SELECT account_id FROM accounts
WHERE company_id = :company_id AND state = 'active' ORDER BY account_id LIMIT 1;

-- name: store_texts
UPDATE client_reactivation_history h
SET state = 'written', message_text = t.body, message_template = t.template, offer = t.offer,
    account_id = :account_id, send_after = t.send_after, deadline = t.deadline, updated_at = :now
FROM unnest(:ids::bigint[], :bodies::text[], :templates::text[], :offers::jsonb[],
            :send_afters::timestamptz[], :deadlines::timestamptz[])
     AS t (id, body, template, offer, send_after, deadline)
WHERE h.company_id = :company_id AND h.id = t.id AND h.state = 'planned';
