-- name: returns
-- Days from the due date to the visit that a reactivation brought.
SELECT visit_on - due_on, count(*) FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
  AND visit_on IS NOT NULL
GROUP BY visit_on - due_on ORDER BY 1;

-- name: visits_of_days
-- Visits that reactivations brought, and what they paid, by the day of the visit.
SELECT visit_on, count(*), coalesce(sum(revenue_minor), 0)::bigint
FROM client_reactivation_history
WHERE company_id = :company_id AND arm = 'contact' AND visit_on BETWEEN :first_day AND :last_day
GROUP BY visit_on;

-- name: needs
-- What a person is to look at now.
SELECT (SELECT count(*) FROM dialogs
        WHERE company_id = :company_id AND waiting_since IS NOT NULL) AS handovers,
       (SELECT count(*) FROM client_reactivation_history
        WHERE company_id = :company_id AND state = 'written' AND send_after IS NULL
          AND claimed_at IS NULL AND deadline > :now) AS drafts,
       (SELECT count(*) FROM client_reactivation_history
        WHERE company_id = :company_id AND state = 'unknown')
       + (SELECT count(*) FROM messages
          WHERE company_id = :company_id AND state = 'unknown') AS unknown,
       (SELECT count(*) FROM accounts
        WHERE company_id = :company_id AND state = 'paused') AS paused_accounts,
       (SELECT count(*) FROM accounts
        WHERE company_id = :company_id AND state = 'active' AND position IS NOT NULL
          AND connection NOT IN ('unknown', 'connected')) AS disconnected_accounts,
       (SELECT count(*) FROM notices
        WHERE company_id = :company_id AND seen_at IS NULL) AS notices;

-- name: begun
SELECT EXISTS (SELECT FROM clients WHERE company_id = :company_id),
       EXISTS (SELECT FROM client_reactivation_history
               WHERE company_id = :company_id AND message_sent_at IS NOT NULL);
