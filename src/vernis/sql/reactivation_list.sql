-- name: listed
-- Reactivations, the newest first.
SELECT h.id AS reactivation_id, h.client_id, c.external_key AS client_key, c.name AS client_name,
       CASE WHEN c.erased_at IS NULL THEN h.phone END AS phone, h.plan_on, h.planned_at, h.arm, h.state, h.reason, h.attempt, h.campaign,
       h.last_service_id AS service_id, h.last_service_name AS service_title,
       h.last_visit_date AS last_visit_on, h.inactive_days, h.interval_days, h.interval_source,
       h.confidence_score::float8 AS confidence, h.due_on, h.message_text AS text,
       h.message_generated AS generated, h.message_template AS template, h.message_model AS model,
       h.message_fallback AS fallback, h.variant, a.name AS account, a.channel, h.deadline,
       h.send_after, h.approved_at, h.rejected_because, h.message_sent_at AS sent_at,
       h.delivered_at, h.read_at, h.refusal, h.response_at, h.response_type, h.response_text,
       h.booking_id, h.booking_created_at, h.visit_on, h.revenue_minor,
       (SELECT g.dialog_id FROM dialogs g
        WHERE g.company_id = :company_id AND g.phone = h.phone) AS dialog_id,
       h.state = 'written' AND h.send_after IS NULL AND h.claimed_at IS NULL
           AND h.deadline > :now AS waits_for_approval
FROM client_reactivation_history h
JOIN clients c ON c.company_id = :company_id AND c.client_id = h.client_id
LEFT JOIN accounts a ON a.company_id = :company_id AND a.account_id = h.account_id
WHERE h.company_id = :company_id AND h.id < :before
  AND (:id::bigint IS NULL OR h.id = :id)
  AND (:client_id::bigint IS NULL OR h.client_id = :client_id)
  AND (:state::text IS NULL OR h.state = :state)
  AND (:arm::text IS NULL OR h.arm = :arm)
  AND (:first_day::date IS NULL OR h.plan_on >= :first_day)
  AND (:last_day::date IS NULL OR h.plan_on <= :last_day)
ORDER BY h.id DESC LIMIT :most;
