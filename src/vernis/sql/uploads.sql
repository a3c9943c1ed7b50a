-- name: give
INSERT INTO uploads (company_id, folder, result, created_at, changed_at)
VALUES (:company_id, :folder, :result, :now, :now) RETURNING upload_id;

-- name: get
SELECT upload_id, state, folder, done_rows, all_rows, fault, result, created_at, changed_at
FROM uploads WHERE company_id = :company_id AND upload_id = :upload_id;

-- name: listed
SELECT upload_id, state, folder, done_rows, all_rows, fault, result, created_at, changed_at
FROM uploads WHERE company_id = :company_id ORDER BY upload_id DESC LIMIT :most;

-- name: change
-- What is being read or was read stays as it is.
UPDATE uploads SET result = :result, changed_at = :now, state = 'given', fault = NULL
WHERE company_id = :company_id AND upload_id = :upload_id AND state IN ('given', 'failed');

-- name: claim
-- One at a time reads a company's files; one that shows no sign belongs to a process that died.
UPDATE uploads SET state = 'reading', fault = NULL, done_rows = 0, all_rows = :all_rows,
                   changed_at = :now
WHERE company_id = :company_id AND upload_id = :upload_id
  AND (state IN ('given', 'failed') OR (state = 'reading' AND changed_at < :silent_since))
  AND NOT EXISTS (SELECT FROM uploads other
                  WHERE other.company_id = :company_id AND other.upload_id <> :upload_id
                    AND other.state = 'reading' AND other.changed_at >= :silent_since);

-- name: progress
UPDATE uploads SET done_rows = :done_rows, changed_at = :now
WHERE company_id = :company_id AND upload_id = :upload_id AND state = 'reading';

-- name: finish
UPDATE uploads SET state = 'done', result = :result, done_rows = coalesce(all_rows, done_rows),
                   changed_at = :now
WHERE company_id = :company_id AND upload_id = :upload_id;

-- name: fail
UPDATE uploads SET state = 'failed', fault = :fault, changed_at = :now
WHERE company_id = :company_id AND upload_id = :upload_id AND state = 'reading';

-- name: discard
DELETE FROM uploads
WHERE company_id = :company_id AND upload_id = :upload_id
  AND (state IN ('given', 'failed') OR (state = 'reading' AND changed_at < :silent_since));

-- name: imports
SELECT import_id, file_name, kind, counts, imported_at FROM imports
WHERE company_id = :company_id AND (:before::bigint IS NULL OR import_id < :before)
ORDER BY import_id DESC LIMIT :most;
