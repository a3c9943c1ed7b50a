-- name: waiting
-- Dialogs with messages that nobody has handled, quiet since a moment: a burst is one turn.
SELECT dialog_id FROM messages
WHERE company_id = :company_id AND state = 'received'
GROUP BY dialog_id HAVING max(created_at) <= :quiet_since ORDER BY min(message_id);

-- name: received
SELECT message_id, kind, body, quoted_message_id, said_at, reactivation_id FROM messages
WHERE company_id = :company_id AND dialog_id = :dialog_id AND state = 'received'
ORDER BY message_id;

-- name: lock_dialog
SELECT FROM dialogs WHERE company_id = :company_id AND dialog_id = :dialog_id FOR UPDATE;

-- name: handled
-- Only as a whole: what another worker has handled meanwhile is not handled again.
UPDATE messages SET state = 'handled', intent = :intent, confidence = :confidence,
    reading = :reading
WHERE company_id = :company_id AND message_id = ANY(:message_ids) AND state = 'received';

-- name: store_answer
INSERT INTO messages (company_id, dialog_id, account_id, direction, body, state, reactivation_id,
                      answers_message_id, said_at)
VALUES (:company_id, :dialog_id, :account_id, 'out', :body, 'written', :reactivation_id,
        :answers, :now);

-- name: store_dialog
-- Who waits for a person keeps waiting since the first time.
UPDATE dialogs
SET state = :state, updated_at = :now,
    waiting_since = CASE WHEN :waiting_why::text IS NULL THEN waiting_since
                         ELSE coalesce(waiting_since, :now) END,
    waiting_why = coalesce(waiting_why, :waiting_why)
WHERE company_id = :company_id AND dialog_id = :dialog_id;

-- name: record_type
-- A question does not unsay a yes or a no; a no unsays a yes.
UPDATE client_reactivation_history
SET response_type = CASE WHEN :response_type = 'neutral' THEN coalesce(response_type, 'neutral')
                         ELSE :response_type END,
    updated_at = :now
WHERE company_id = :company_id AND id = :reactivation_id;

-- name: declined
UPDATE clients SET declined_at = :now WHERE company_id = :company_id AND client_id = :client_id;

-- name: remind
UPDATE clients SET remind_on = :remind_on
WHERE company_id = :company_id AND client_id = :client_id;

-- name: look_then
-- The plan looks at the client on that day at the latest.
UPDATE client_due_dates SET opens_on = least(opens_on, :remind_on)
WHERE company_id = :company_id AND client_id = :client_id;
