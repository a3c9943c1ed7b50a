-- name: reactivation
-- By the channel's id or by our own; two events at once take turns. One that waits to be repeated
-- may have left already: what is told of it is told of its first copy.
SELECT id, CASE WHEN state = 'written' AND claimed_at IS NOT NULL THEN 'unknown' ELSE state END,
       phone, deadline, send_after, account_id FROM client_reactivation_history
WHERE company_id = :company_id
  AND (account_id = :account_id AND provider_message_id = :provider_id OR id = :reactivation_id)
  AND NOT starts_with(phone, '999')  -- whose was erased
FOR UPDATE;

-- name: answer
SELECT message_id,
       CASE WHEN state = 'written' AND claimed_at IS NOT NULL THEN 'unknown' ELSE state END
FROM messages
WHERE company_id = :company_id AND direction = 'out'
  AND (account_id = :account_id AND provider_message_id = :provider_id OR message_id = :message_id)
FOR UPDATE;

-- name: move_reactivation
UPDATE client_reactivation_history
SET state = :state, updated_at = :now,
    reason = CASE WHEN :state = 'failed' THEN :reason ELSE reason END,
    refusal = coalesce(:refusal, refusal),
    provider_message_id = coalesce(provider_message_id, :provider_id),
    message_sent_at = CASE WHEN :state IN ('accepted', 'delivered', 'read')
                           THEN coalesce(message_sent_at, :at) ELSE message_sent_at END,
    delivered_at = CASE WHEN :state IN ('delivered', 'read') THEN coalesce(delivered_at, :at)
                        ELSE delivered_at END,
    read_at = CASE WHEN :state = 'read' THEN coalesce(read_at, :at) ELSE read_at END
WHERE company_id = :company_id AND id = :id;

-- name: move_answer
UPDATE messages
SET state = :state, refusal = coalesce(:refusal, refusal),
    provider_message_id = coalesce(provider_message_id, :provider_id)
WHERE company_id = :company_id AND message_id = :id;

-- name: send_elsewhere
-- Certainly not delivered, and another account of the cascade may reach them: as new, there.
UPDATE client_reactivation_history h
SET state = 'written', account_id = t.account_id, claimed_at = NULL, provider_message_id = NULL,
    send_tries = 0, message_sent_at = NULL, refusal = :refusal, updated_at = :now
FROM (SELECT account_for(:company_id, :phone, :now) AS account_id) AS t
WHERE h.company_id = :company_id AND h.id = :id AND h.deadline > :now
  AND t.account_id IS NOT NULL
RETURNING h.id;

-- name: not_there
INSERT INTO reach (company_id, phone, channel, reachable, checked_at)
SELECT company_id, :phone, channel, false, :now FROM accounts
WHERE company_id = :company_id AND account_id = :account_id
ON CONFLICT (company_id, phone, channel) DO UPDATE SET reachable = false, checked_at = :now;

-- name: abandoned
-- Claims of a process that died: older than any call may take.
SELECT h.id, a.channel, h.send_tries FROM client_reactivation_history h
JOIN accounts a ON a.company_id = h.company_id AND a.account_id = h.account_id
WHERE h.company_id = :company_id AND h.state = 'claimed' AND h.claimed_at < :before
  AND a.channel = ANY(:channels)
ORDER BY h.id FOR UPDATE OF h SKIP LOCKED;

-- name: abandoned_answers
SELECT m.message_id, a.channel, m.send_tries FROM messages m
JOIN accounts a ON a.company_id = m.company_id AND a.account_id = m.account_id
WHERE m.company_id = :company_id AND m.state = 'claimed' AND m.claimed_at < :before
  AND a.channel = ANY(:channels)
FOR UPDATE OF m SKIP LOCKED;

-- name: return_reactivations
UPDATE client_reactivation_history SET state = :state, updated_at = :now
WHERE company_id = :company_id AND id = ANY(:ids) AND state = 'claimed';

-- name: return_answers
UPDATE messages SET state = :state
WHERE company_id = :company_id AND message_id = ANY(:ids) AND state = 'claimed';

-- name: unknown
-- What may have left: nobody said so, and nobody denied it.
SELECT 'r' || h.id AS key, h.phone, c.name, a.name AS account, a.channel, h.claimed_at,
       h.message_text AS text
FROM client_reactivation_history h
JOIN clients c ON c.company_id = h.company_id AND c.client_id = h.client_id
JOIN accounts a ON a.company_id = h.company_id AND a.account_id = h.account_id
WHERE h.company_id = :company_id AND h.state = 'unknown'
UNION ALL
SELECT 'm' || m.message_id, g.phone, c.name, a.name, a.channel, m.claimed_at, m.body
FROM messages m
JOIN dialogs g ON g.company_id = m.company_id AND g.dialog_id = m.dialog_id
LEFT JOIN clients c ON c.company_id = g.company_id AND c.client_id = g.client_id
JOIN accounts a ON a.company_id = m.company_id AND a.account_id = m.account_id
WHERE m.company_id = :company_id AND m.state = 'unknown'
ORDER BY claimed_at, key;

-- name: counts
SELECT state, count(*) FROM client_reactivation_history
WHERE company_id = :company_id AND arm = 'contact' GROUP BY state;

-- name: decide_reactivation
-- What a person saw on the phone. What had not left is as new for a later plan.
UPDATE client_reactivation_history
SET state = CASE WHEN :sent THEN 'accepted' ELSE 'skipped' END,
    reason = CASE WHEN :sent THEN reason ELSE 'not_sent' END,
    message_sent_at = CASE WHEN :sent THEN coalesce(message_sent_at, claimed_at) END,
    provider_message_id = CASE WHEN :sent THEN provider_message_id END,
    claimed_at = CASE WHEN :sent THEN claimed_at END, updated_at = :now
WHERE company_id = :company_id AND id = :id AND state = 'unknown'
RETURNING state;

-- name: decide_answer
UPDATE messages
SET state = CASE WHEN :sent THEN 'accepted' ELSE 'skipped' END
WHERE company_id = :company_id AND message_id = :id AND direction = 'out' AND state = 'unknown'
RETURNING state;

-- name: state_of_reactivation
SELECT state FROM client_reactivation_history WHERE company_id = :company_id AND id = :id;

-- name: state_of_answer
SELECT state FROM messages
WHERE company_id = :company_id AND message_id = :id AND direction = 'out';
