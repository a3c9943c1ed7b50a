-- name: write
INSERT INTO notices (company_id, account_id, kind, details, created_at)
VALUES (:company_id, :account_id, :kind, :details, :now);

-- name: write_once
-- Not again while one of the same kind and details is as young as `since`.
INSERT INTO notices (company_id, account_id, kind, details, created_at)
SELECT :company_id, :account_id::bigint, :kind, :details::jsonb, :now
WHERE NOT EXISTS (SELECT FROM notices n
                  WHERE n.company_id = :company_id AND n.account_id = :account_id::bigint
                    AND n.kind = :kind AND n.created_at > :since
                    AND (NOT :same_details OR n.details = :details::jsonb));

-- name: listed
-- Unseen ones, or all; the latest first.
SELECT n.notice_id, n.kind, n.details, n.created_at, n.seen_at, n.account_id, a.name AS account,
       a.channel
FROM notices n
LEFT JOIN accounts a ON a.company_id = n.company_id AND a.account_id = n.account_id
WHERE n.company_id = :company_id AND (:seen OR n.seen_at IS NULL)
ORDER BY n.created_at DESC, n.notice_id DESC LIMIT :most;

-- name: mark_seen
UPDATE notices SET seen_at = :now
WHERE company_id = :company_id AND seen_at IS NULL AND notice_id = ANY(:ids::bigint[]);
