-- name: note
INSERT INTO audit_log (company_id, at, user_id, key_id, action, subject, details)
VALUES (:company_id, :now, :user_id, :key_id, :action, :subject, :details);

-- name: listed
SELECT a.entry_id, a.at, a.user_id, u.login, a.key_id, a.action, a.subject, a.details
FROM audit_log a LEFT JOIN users u USING (user_id)
WHERE a.company_id = :company_id AND (:before::bigint IS NULL OR a.entry_id < :before)
  AND (:noun::text IS NULL OR split_part(a.action, '.', 1) = :noun)
ORDER BY a.entry_id DESC LIMIT :most;
