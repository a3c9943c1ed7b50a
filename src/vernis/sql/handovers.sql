-- name: waiting
SELECT g.dialog_id, g.client_id, c.name AS client_name, g.phone, g.waiting_why AS why,
       g.waiting_since AS since,
       CASE WHEN g.person_at > g.waiting_since THEN g.person_at END AS person_at,
       (SELECT m.body FROM messages m
        WHERE m.company_id = g.company_id AND m.dialog_id = g.dialog_id AND m.direction = 'in'
          AND m.body IS NOT NULL
        ORDER BY m.message_id DESC LIMIT 1) AS text
FROM dialogs g
LEFT JOIN clients c ON c.company_id = g.company_id AND c.client_id = g.client_id
WHERE g.company_id = :company_id AND g.waiting_since IS NOT NULL
ORDER BY g.waiting_since, g.dialog_id;

-- name: lock
SELECT state, waiting_since IS NOT NULL OR coalesce(silent_until > :now, false) FROM dialogs
WHERE company_id = :company_id AND dialog_id = :dialog_id FOR UPDATE;

-- name: give_back
UPDATE dialogs
SET state = :state, waiting_since = NULL, waiting_why = NULL, silent_until = NULL,
    updated_at = :now
WHERE company_id = :company_id AND dialog_id = :dialog_id;
