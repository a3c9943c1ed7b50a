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
