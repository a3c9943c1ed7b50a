-- name: listed
-- Dialogs, those first in which something happened last; what was said last in each, and how much
-- of it nobody of the salon has looked at. Only those of the page are looked at closely; where an
-- intent or words are looked for, one pass over the messages says which dialogs may have them.
SELECT d.dialog_id, d.client_id, c.external_key AS client_key, c.name AS client_name,
       c.surname AS client_surname, d.phone, d.lid, d.reactivation_id, a.name AS account, a.channel,
       coalesce(d.state->>'state', 'idle') AS state, d.waiting_since, d.waiting_why, d.person_at,
       d.silent_until, d.looked_at, d.created_at, d.updated_at,
       m.said_at AS last_at, m.direction AS last_direction, m.kind AS last_kind,
       m.body AS last_text, m.state AS last_state, i.intent AS last_intent, u.unread
FROM (
    SELECT * FROM dialogs d
    WHERE d.company_id = :company_id
      AND (:dialog_id::bigint IS NULL OR d.dialog_id = :dialog_id)
      AND (:client_id::bigint IS NULL OR d.client_id = :client_id)
      AND (:waiting::boolean IS NULL OR (d.waiting_since IS NOT NULL) = :waiting)
      AND (:unread::boolean IS NULL OR :unread = EXISTS (
          SELECT FROM messages x
          WHERE x.company_id = :company_id AND x.dialog_id = d.dialog_id AND x.direction = 'in'
            AND x.said_at > coalesce(d.looked_at, '-infinity')))
      AND (:intent::text IS NULL
           OR d.dialog_id IN (SELECT x.dialog_id FROM messages x
                              WHERE x.company_id = :company_id AND x.intent = :intent)
          AND :intent = (SELECT x.intent FROM messages x
                         WHERE x.company_id = :company_id AND x.dialog_id = d.dialog_id
                           AND x.direction = 'in'
                         ORDER BY x.said_at DESC, x.message_id DESC LIMIT 1))
      AND (:text::text IS NULL
           OR strpos(d.phone, :digits) > 0
           OR d.client_id IN (SELECT y.client_id FROM clients y
                              WHERE y.company_id = :company_id
                                AND strpos(lower(concat_ws(' ', y.name, y.surname, y.name)), :text) > 0)
           OR d.dialog_id IN (SELECT x.dialog_id FROM messages x
                              WHERE x.company_id = :company_id AND strpos(lower(x.body), :text) > 0))
      AND (:before_at::timestamptz IS NULL
           OR (d.updated_at, d.dialog_id) < (:before_at, :before_id))
    ORDER BY d.updated_at DESC, d.dialog_id DESC LIMIT :most) AS d
JOIN accounts a ON a.company_id = :company_id AND a.account_id = d.account_id
LEFT JOIN clients c ON c.company_id = :company_id AND c.client_id = d.client_id
LEFT JOIN LATERAL (
    SELECT said_at, direction, kind, body, state FROM messages x
    WHERE x.company_id = :company_id AND x.dialog_id = d.dialog_id
    ORDER BY said_at DESC, message_id DESC LIMIT 1) AS m ON true
LEFT JOIN LATERAL (
    SELECT intent FROM messages x
    WHERE x.company_id = :company_id AND x.dialog_id = d.dialog_id AND x.direction = 'in'
    ORDER BY said_at DESC, message_id DESC LIMIT 1) AS i ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS unread FROM messages x
    WHERE x.company_id = :company_id AND x.dialog_id = d.dialog_id AND x.direction = 'in'
      AND x.said_at > coalesce(d.looked_at, '-infinity')) AS u
ORDER BY d.updated_at DESC, d.dialog_id DESC;

-- name: said
-- What was said in a dialog, the newest first, campaign messages among it.
SELECT * FROM (
    SELECT m.message_id AS key, m.message_id, m.reactivation_id, m.direction, m.kind,
           m.body AS text, m.state, m.intent, m.confidence::float8, m.refusal,
           coalesce(nullif(u.name, ''), u.login) AS author, m.key_id IS NOT NULL AS by_program,
           m.said_at AS at, false AS is_campaign
    FROM messages m LEFT JOIN users u ON u.user_id = m.user_id
    WHERE m.company_id = :company_id AND m.dialog_id = :dialog_id
    UNION ALL
    SELECT -h.id, NULL, h.id, 'out', 'text', h.message_text, h.state, NULL, NULL, h.refusal, NULL,
           false, coalesce(h.message_sent_at, h.claimed_at), true
    FROM dialogs d
    JOIN client_reactivation_history h ON h.company_id = :company_id AND h.phone = d.phone
    WHERE d.company_id = :company_id AND d.dialog_id = :dialog_id AND h.claimed_at IS NOT NULL
) AS said
WHERE :before_at::timestamptz IS NULL OR (at, key) < (:before_at, :before_key)
ORDER BY at DESC, key DESC LIMIT :most;
