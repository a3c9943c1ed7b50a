-- name: unanswered
-- Messages that have left, or may have, and led to no booking yet.
SELECT h.id, h.phone, h.message_text, h.campaign, h.inactive_days, h.last_visit_date,
       h.last_service_id, h.last_service_name, h.interval_days, h.interval_source,
       h.confidence_score, h.claimed_at, h.offer, h.message_times, c.name
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
WHERE h.company_id = :company_id AND h.claimed_at > :since AND NOT h.booking_created
  AND h.settled_at IS NULL
  AND h.state IN ('written', 'claimed', 'accepted', 'delivered', 'read', 'unknown')
ORDER BY h.claimed_at;

-- name: settle
-- Whatever was said to this phone until now needs no note in Redis any more.
UPDATE client_reactivation_history SET settled_at = :now
WHERE company_id = :company_id AND phone = :phone AND claimed_at <= :now AND settled_at IS NULL;
