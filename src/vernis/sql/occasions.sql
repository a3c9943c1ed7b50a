-- name: reactivation
-- What was said to whom and why. `said_at` is when it was about to leave, which no later event
-- changes.
SELECT h.id, h.client_id, h.phone, h.message_text, h.campaign, h.inactive_days, h.last_visit_date,
       h.last_service_id, h.last_service_name, h.interval_days, h.interval_source,
       h.confidence_score, h.offer, h.message_times, h.booking_created_at, h.settled_at,
       coalesce(h.claimed_at, h.message_sent_at, h.planned_at) AS said_at, c.name
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
WHERE h.company_id = :company_id AND h.id = :reactivation_id AND h.arm = 'contact';
