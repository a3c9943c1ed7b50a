-- name: account
-- Whoever changes an account's pause holds its row.
SELECT state, pause_reason, paused_until, channel FROM accounts
WHERE company_id = :company_id AND account_id = :account_id FOR UPDATE;

-- name: times
-- How often it has rested for this reason lately.
SELECT count(*) FROM notices
WHERE company_id = :company_id AND account_id = :account_id AND kind = 'account_paused'
  AND details ->> 'reason' = :reason AND created_at > :since;

-- name: pause
-- A restricted number warms up anew.
UPDATE accounts
SET state = 'paused', pause_reason = :reason, paused_at = :now, paused_until = :until,
    began_on = CASE WHEN :reason = 'restricted' THEN NULL ELSE began_on END
WHERE company_id = :company_id AND account_id = :account_id;

-- name: extend
UPDATE accounts SET paused_until = :until
WHERE company_id = :company_id AND account_id = :account_id;

-- name: resume
-- What the connection was is no longer known: it is looked at before anything leaves.
UPDATE accounts
SET state = 'active', pause_reason = NULL, paused_at = NULL, paused_until = NULL,
    judged_since = CASE WHEN :forgiven THEN :now ELSE judged_since END,
    connection = CASE WHEN connection = 'connected' THEN connection ELSE 'unknown' END,
    connection_at = CASE WHEN connection = 'connected' THEN connection_at END
WHERE company_id = :company_id AND account_id = :account_id AND state = 'paused';

-- name: over
SELECT account_id, pause_reason FROM accounts
WHERE company_id = :company_id AND state = 'paused' AND paused_until <= :now
FOR UPDATE;

-- name: companies_over
-- As the dispatcher.
SELECT DISTINCT company_id FROM accounts WHERE state = 'paused' AND paused_until <= :now;

-- name: begin_warm_ups
-- A warm-up begins with the first message, not on the day on which the account was added.
UPDATE accounts a
SET began_on = (first.tried_at AT TIME ZONE :timezone)::date
FROM accounts b
CROSS JOIN LATERAL (
    SELECT h.tried_at FROM client_reactivation_history h
    WHERE h.company_id = b.company_id AND h.account_id = b.account_id
      AND h.tried_at >= b.judged_since
    ORDER BY h.tried_at LIMIT 1) AS first
WHERE b.company_id = :company_id AND b.warm_up AND b.began_on IS NULL AND b.state = 'active'
  AND a.company_id = b.company_id AND a.account_id = b.account_id;

-- name: records
-- What became of the latest messages of each account that could be paused. What failed for the
-- client's own sake says nothing of the account.
SELECT a.account_id, a.channel, greatest(a.judged_since, :alarm_again) AS alarm_since, chats.asked,
       chats.answered, tries.tried, tries.failed, took.accepted, took.undelivered
FROM accounts a
CROSS JOIN LATERAL (
    SELECT count(*) AS asked, count(*) FILTER (WHERE c.response_received) AS answered
    FROM (SELECT h.response_received FROM client_reactivation_history h
          WHERE h.company_id = a.company_id AND h.account_id = a.account_id
            AND a.channel = ANY(:human) AND h.new_chat
            AND h.state IN ('accepted', 'delivered', 'read')
            AND h.tried_at > greatest(a.judged_since, :far) AND h.tried_at <= :answered_by
          ORDER BY h.tried_at DESC LIMIT :last_chats) AS c) AS chats
CROSS JOIN LATERAL (
    SELECT count(*) AS tried,
           count(*) FILTER (WHERE t.state IN ('failed', 'written')) AS failed
    FROM (SELECT h.state FROM client_reactivation_history h
          WHERE h.company_id = a.company_id AND h.account_id = a.account_id
            AND h.tried_at > greatest(a.judged_since, :far)
            AND (h.state IN ('accepted', 'delivered', 'read', 'unknown')
                 OR h.state = 'failed' AND coalesce(h.refusal, '') <> ALL(:not_its_fault)
                 OR h.state = 'written' AND h.refusal <> ALL(:not_its_fault))
          ORDER BY h.tried_at DESC LIMIT :last_tries) AS t) AS tries
CROSS JOIN LATERAL (
    SELECT count(*) AS accepted, count(*) FILTER (WHERE t.state = 'accepted') AS undelivered
    FROM (SELECT h.state FROM client_reactivation_history h
          WHERE h.company_id = a.company_id AND h.account_id = a.account_id
            AND h.state IN ('accepted', 'delivered', 'read')
            AND h.tried_at > greatest(a.judged_since, :far) AND h.tried_at <= :delivered_by
          ORDER BY h.tried_at DESC LIMIT :last_tries) AS t) AS took
WHERE a.company_id = :company_id AND a.state = 'active' AND a.channel = ANY(:channels);
