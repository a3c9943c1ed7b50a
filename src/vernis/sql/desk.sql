-- name: lock
SELECT d.dialog_id, d.state, d.waiting_since, d.account_id, d.reactivation_id, d.phone, d.lid, a.channel
FROM dialogs d JOIN accounts a ON a.company_id = d.company_id AND a.account_id = d.account_id
WHERE d.company_id = :company_id AND d.dialog_id = :dialog_id FOR UPDATE OF d;

-- name: take_over
-- Who waits for a person already keeps waiting, for what it was.
UPDATE dialogs
SET state = :state, waiting_since = coalesce(waiting_since, :now),
    waiting_why = coalesce(waiting_why, :why), updated_at = :now
WHERE company_id = :company_id AND dialog_id = :dialog_id;

-- name: written
-- What this form has written.
SELECT message_id, dialog_id, body FROM messages
WHERE company_id = :company_id AND form_key = :form_key;

-- name: heard
-- When the client last wrote to the number that would answer, and whether that is the last word.
SELECT (SELECT max(said_at) FROM messages
        WHERE company_id = :company_id AND dialog_id = :dialog_id AND account_id = :account_id
          AND direction = 'in') AS heard_at,
       (SELECT direction = 'in' AND said_at > :recently FROM messages
        WHERE company_id = :company_id AND dialog_id = :dialog_id
          AND kind NOT IN ('reaction', 'deleted') AND state NOT IN ('skipped', 'failed')
        ORDER BY message_id DESC LIMIT 1) AS is_theirs,
       EXISTS (SELECT FROM opt_outs
               WHERE company_id = :company_id AND phone_hash = ANY(:keys::bytea[])) AS is_stopped;

-- name: write
-- A worker that listens sends it at once; one that does not finds it in its next sweep.
INSERT INTO messages (company_id, dialog_id, account_id, direction, kind, body, state,
                      reactivation_id, said_at, user_id, key_id, form_key)
VALUES (:company_id, :dialog_id, :account_id, 'out', 'staff', :body, 'written', :reactivation_id,
        :now, :user_id, :key_id, :form_key)
RETURNING message_id, pg_notify('vernis_written', company_id || ' ' || dialog_id);

-- name: mark_looked
-- Only where there is something new, so that looking alone changes nothing. A channel's clock may
-- be ahead of ours.
UPDATE dialogs d SET looked_at = greatest(:now, m.said_at)
FROM (SELECT max(said_at) AS said_at FROM messages
      WHERE company_id = :company_id AND dialog_id = :dialog_id AND direction = 'in') AS m
WHERE d.company_id = :company_id AND d.dialog_id = :dialog_id
  AND m.said_at > coalesce(d.looked_at, '-infinity');
