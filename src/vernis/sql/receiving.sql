-- name: known
-- The dialog that has this message already, or who writes and about which reactivation.
SELECT seen, writer, writes_from, about, about_state
FROM recognise(:company_id, :account_id, :provider_id, :quoted, :phone, :lid, :since);

-- name: learn_lid
UPDATE clients SET lid = :lid
WHERE company_id = :company_id AND client_id = :client_id AND lid IS DISTINCT FROM :lid;

-- name: open_dialog
-- The dialog of whoever writes, opened where there is none; 0 where they were erased since they said
-- this: channels tell things twice.
SELECT CASE WHEN EXISTS (SELECT FROM opt_outs
                         WHERE company_id = :company_id AND phone_hash = ANY(:keys::bytea[])
                           AND source = 'erasure' AND date_trunc('second', created_at) > :said_at)
       THEN 0
       ELSE dialog_of(:company_id, :account_id, :phone, :lid, :client_id, :reactivation_id, :now)
       END;

-- name: store_message
-- Once per provider message id, however often it is delivered. The first answer is the response of
-- the reactivation; an answer also proves that the message was read.
WITH stored AS (
    INSERT INTO messages (company_id, dialog_id, account_id, direction, kind, body,
                          provider_message_id, quoted_message_id, reactivation_id, state, said_at)
    VALUES (:company_id, :dialog_id, :account_id, 'in', :kind, :body, :provider_id, :quoted,
            :reactivation_id, :state, :said_at)
    ON CONFLICT (company_id, account_id, direction, provider_message_id)
        WHERE provider_message_id IS NOT NULL DO NOTHING
    -- A worker that listens looks at once; one that does not finds it in its next sweep.
    RETURNING message_id, CASE WHEN state = 'received' THEN
        pg_notify('vernis_received', company_id || ' ' || dialog_id) END),
responded AS (
    UPDATE client_reactivation_history
    SET response_received = true, response_at = coalesce(response_at, :said_at),
        response_text = coalesce(response_text, :body), state = :answered,
        message_sent_at = coalesce(message_sent_at, claimed_at),
        read_at = coalesce(read_at, :said_at), updated_at = :now
    WHERE company_id = :company_id AND id = :reactivation_id AND :answered::text IS NOT NULL
      AND EXISTS (SELECT FROM stored)
      AND NOT starts_with(phone, '999'))  -- whose was erased
SELECT message_id FROM stored;

-- name: forget_message
-- The client took it back: it is not answered, and its words are not kept.
UPDATE messages SET state = 'handled', body = NULL
WHERE company_id = :company_id AND account_id = :account_id AND direction = 'in'
  AND provider_message_id = :quoted AND dialog_id = :dialog_id AND state = 'received';

-- name: edit_message
-- The text as it is now, and as it was, if it waits to be handled.
UPDATE messages m SET body = CASE WHEN m.state = 'received' THEN :body ELSE m.body END
FROM (SELECT company_id, message_id, state, body FROM messages
      WHERE company_id = :company_id AND account_id = :account_id AND direction = 'in'
        AND provider_message_id = :quoted AND dialog_id = :dialog_id FOR UPDATE) AS before
WHERE m.company_id = :company_id AND m.message_id = before.message_id
RETURNING before.state, before.body;

-- name: is_echo
-- The salon's phone reports what we sent ourselves, maybe before the send call returned.
-- It comes with our key where only the words tell: it proves that such a message has left.
SELECT NULL AS key FROM messages
WHERE company_id = :company_id AND account_id = :account_id AND direction = 'out'
  AND provider_message_id = :provider_id
UNION ALL
SELECT NULL FROM client_reactivation_history
WHERE company_id = :company_id AND account_id = :account_id AND provider_message_id = :provider_id
UNION ALL
SELECT 'm' || company_id || '-' || message_id FROM messages
WHERE company_id = :company_id AND dialog_id = :dialog_id AND direction = 'out' AND body = :body
  AND provider_message_id IS NULL AND state IN ('claimed', 'unknown')
UNION ALL
SELECT 'r' || company_id || '-' || id FROM client_reactivation_history
WHERE company_id = :company_id AND phone = :phone AND message_text = :body
  AND provider_message_id IS NULL AND claimed_at IS NOT NULL
LIMIT 1;

-- name: store_staff_message
INSERT INTO messages (company_id, dialog_id, account_id, direction, kind, body,
                      provider_message_id, quoted_message_id, reactivation_id, state, said_at)
VALUES (:company_id, :dialog_id, :account_id, 'out', 'staff', :body, :provider_id, :quoted,
        :reactivation_id, 'accepted', :said_at)
ON CONFLICT (company_id, account_id, direction, provider_message_id)
    WHERE provider_message_id IS NOT NULL DO NOTHING
RETURNING message_id;
