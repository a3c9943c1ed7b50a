-- name: to_ask
-- Accounts with something to send, those that could not send at the last look, and those that rest
-- until their connection is good; none that was asked a moment ago.
SELECT a.account_id, a.channel, a.address, a.business, a.settings, a.sealed_token
FROM accounts a
WHERE a.company_id = :company_id AND a.channel = ANY(:channels)
  AND coalesce(a.connection_at, '-infinity') <= :before
  AND (a.state = 'active' OR a.pause_reason = ANY(:cured))
  AND (a.connection <> 'connected' AND a.connection_at IS NOT NULL OR a.state = 'paused'
       OR EXISTS (SELECT FROM client_reactivation_history h
                  WHERE h.company_id = a.company_id AND h.account_id = a.account_id
                    AND h.state = 'written' AND h.send_after <= :soon)
       OR EXISTS (SELECT FROM messages m
                  WHERE m.company_id = a.company_id AND m.account_id = a.account_id
                    AND m.direction = 'out' AND m.state = 'written'));

-- name: row
SELECT state, pause_reason, connection, connection_at, settings FROM accounts
WHERE company_id = :company_id AND account_id = :account_id FOR UPDATE;

-- name: store
UPDATE accounts SET connection = :state, connection_at = :now
WHERE company_id = :company_id AND account_id = :account_id;

-- name: is_of_another_number
-- Whether this account is known to have another number, or another account to have this one.
SELECT a.settings ->> 'number' IS DISTINCT FROM :number
   AND (a.settings ? 'number'
        OR EXISTS (SELECT FROM accounts b
                   WHERE b.company_id = :company_id AND b.channel = a.channel
                     AND b.settings ->> 'number' = :number))
FROM accounts a WHERE a.company_id = :company_id AND a.account_id = :account_id;

-- name: store_template
-- Late news is old news.
INSERT INTO channel_templates AS t (company_id, account_id, name, language, status, category,
                                    quality, reason, updated_at)
VALUES (:company_id, :account_id, :name, :language, coalesce(:status, 'UNKNOWN'), :category,
        :quality, :reason, :at)
ON CONFLICT (company_id, account_id, name, language) DO UPDATE
SET status = coalesce(:status, t.status), category = coalesce(:category, t.category),
    quality = coalesce(:quality, t.quality),
    reason = CASE WHEN :status IS NULL THEN t.reason ELSE :reason END, updated_at = :at
WHERE t.updated_at <= :at
RETURNING t.status;

-- name: learn_reach
INSERT INTO reach (company_id, phone, channel, reachable, checked_at)
SELECT :company_id, t.phone, :channel, t.reachable, :now
FROM unnest(:phones::text[], :reachables::boolean[]) AS t (phone, reachable)
ON CONFLICT (company_id, phone, channel) DO UPDATE
SET reachable = excluded.reachable, checked_at = excluded.checked_at
WHERE reach.checked_at <= excluded.checked_at;
