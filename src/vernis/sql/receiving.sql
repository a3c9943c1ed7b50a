-- name: quoted
-- The reactivation that a reply quotes.
SELECT id, client_id, phone, state FROM client_reactivation_history
WHERE company_id = :company_id AND account_id = :account_id AND provider_message_id = :quoted;

-- name: latest
-- The newest reactivation that may have reached this phone; one whose call has not returned
-- counts, a fast reply must not overtake it. One that waits to be repeated may have left as well.
SELECT id, client_id, phone, CASE state WHEN 'written' THEN 'unknown' ELSE state END
FROM client_reactivation_history
WHERE company_id = :company_id AND phone = :phone AND claimed_at > :since
  AND state IN ('written', 'claimed', 'accepted', 'delivered', 'read', 'unknown')
ORDER BY claimed_at DESC LIMIT 1;

-- name: client_by_phone
SELECT client_id FROM clients
WHERE company_id = :company_id AND phone = :phone AND erased_at IS NULL
ORDER BY client_id LIMIT 1;

-- name: client_by_lid
SELECT client_id, phone FROM clients
WHERE company_id = :company_id AND lid = :lid AND erased_at IS NULL
ORDER BY client_id LIMIT 1;

-- name: learn_lid
UPDATE clients SET lid = :lid
WHERE company_id = :company_id AND client_id = :client_id AND lid IS DISTINCT FROM :lid;

-- name: dialog_by_phone
SELECT dialog_id FROM dialogs WHERE company_id = :company_id AND phone = :phone FOR UPDATE;

-- name: dialog_by_lid
SELECT dialog_id FROM dialogs WHERE company_id = :company_id AND lid = :lid FOR UPDATE;

-- name: open_dialog
INSERT INTO dialogs AS d
    (company_id, account_id, phone, lid, client_id, reactivation_id, updated_at)
VALUES (:company_id, :account_id, :phone, :lid, :client_id, :reactivation_id, :now)
ON CONFLICT DO NOTHING RETURNING dialog_id;

-- name: touch_dialog
-- A phone or LID that another dialog has stays with that one.
UPDATE dialogs d
SET phone = CASE WHEN EXISTS (SELECT FROM dialogs o WHERE o.company_id = d.company_id
                              AND o.phone = :phone AND o.dialog_id <> d.dialog_id)
                 THEN phone ELSE coalesce(phone, :phone) END,
    lid = CASE WHEN EXISTS (SELECT FROM dialogs o WHERE o.company_id = d.company_id
                            AND o.lid = :lid AND o.dialog_id <> d.dialog_id)
               THEN lid ELSE coalesce(lid, :lid) END,
    client_id = coalesce(:client_id, client_id),
    reactivation_id = coalesce(:reactivation_id, reactivation_id),
    account_id = :account_id, updated_at = :now
WHERE company_id = :company_id AND dialog_id = :dialog_id;

-- name: store_message
-- Once per provider message id, however often it is delivered.
INSERT INTO messages (company_id, dialog_id, account_id, direction, kind, body,
                      provider_message_id, quoted_message_id, reactivation_id, state, said_at)
VALUES (:company_id, :dialog_id, :account_id, 'in', :kind, :body, :provider_id, :quoted,
        :reactivation_id, :state, :said_at)
ON CONFLICT (company_id, account_id, direction, provider_message_id)
    WHERE provider_message_id IS NOT NULL DO NOTHING
-- A worker that listens looks at once; one that does not finds it in its next sweep.
RETURNING message_id, CASE WHEN state = 'received' THEN
    pg_notify('vernis_received', company_id || ' ' || dialog_id) END;

-- name: seen
SELECT dialog_id FROM messages
WHERE company_id = :company_id AND account_id = :account_id AND direction = 'in'
  AND provider_message_id = :provider_id;

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

-- name: record_response
-- The first answer is the response; an answer also proves that the message was read.
UPDATE client_reactivation_history
SET response_received = true, response_at = coalesce(response_at, :said_at),
    response_text = coalesce(response_text, :body), state = :state,
    message_sent_at = coalesce(message_sent_at, claimed_at),
    read_at = coalesce(read_at, :said_at), updated_at = :now
WHERE company_id = :company_id AND id = :reactivation_id
  AND NOT starts_with(phone, '999');  -- whose was erased
