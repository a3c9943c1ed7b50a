-- name: lines
-- What was said before the words that wait, the newest first.
SELECT direction = 'out' OR kind = 'staff', body FROM messages
WHERE company_id = :company_id AND dialog_id = :dialog_id AND body IS NOT NULL
  AND state NOT IN ('received', 'skipped')
ORDER BY message_id DESC LIMIT :most;

-- name: client
SELECT name, surname FROM clients WHERE company_id = :company_id AND client_id = :client_id;

-- name: staff
SELECT name FROM staff WHERE company_id = :company_id ORDER BY staff_id;

-- name: stands
-- Whether these messages are still what waits: nobody wrote on, answered or handled them meanwhile.
SELECT count(*) = cardinality(:message_ids::bigint[]) AND bool_and(message_id = ANY(:message_ids))
FROM messages
WHERE company_id = :company_id AND dialog_id = :dialog_id AND state = 'received';
