-- name: replies
-- Sent and answered by account, of the plans of some days.
SELECT account_id, count(*), count(*) FILTER (WHERE response_received)
FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
  AND state IN ('accepted', 'delivered', 'read') AND account_id IS NOT NULL
GROUP BY account_id;
