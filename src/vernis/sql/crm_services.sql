-- name: stage_staff
CREATE TEMP TABLE staged_staff ON COMMIT DROP AS
SELECT DISTINCT ON (key) s.*
FROM jsonb_to_recordset(:rows::jsonb) AS s (key text, name text, is_active boolean)
ORDER BY key;

-- name: drop_staff
DROP TABLE staged_staff;

-- name: adopt_staff
-- Known by name from files, and by that name to the CRM: one person each.
UPDATE staff t SET external_key = s.key
FROM staged_staff s
WHERE t.company_id = :company_id AND t.external_key = lower(s.name)
  AND (SELECT count(*) FROM staged_staff o WHERE lower(o.name) = lower(s.name)) = 1
  AND NOT EXISTS (SELECT FROM staff k WHERE k.company_id = :company_id AND k.external_key = s.key);

-- name: merge_staff
INSERT INTO staff AS t (company_id, external_key, name, is_active)
SELECT :company_id, key, name, is_active FROM staged_staff ORDER BY key
ON CONFLICT (company_id, external_key) DO UPDATE
SET name = excluded.name, is_active = excluded.is_active
WHERE (t.name, t.is_active) <> (excluded.name, excluded.is_active);

-- name: retire_staff
-- Whoever the CRM's list does not have cannot be booked any more.
UPDATE staff t SET is_active = false
WHERE t.company_id = :company_id AND t.is_active
  AND NOT EXISTS (SELECT FROM staged_staff s WHERE s.key = t.external_key);

-- name: add_staff
-- Of the past: a record names them, the list does not.
INSERT INTO staff (company_id, external_key, name, is_active)
SELECT :company_id, key, name, false FROM staged_staff ORDER BY key
ON CONFLICT (company_id, external_key) DO NOTHING;

-- name: staff_ids
SELECT external_key, staff_id FROM staff
WHERE company_id = :company_id AND starts_with(external_key, :prefix);

-- name: doers
SELECT service_id, staff_id, duration_minutes FROM staff_services WHERE company_id = :company_id;

-- name: forget_doers
DELETE FROM staff_services d USING unnest(:services::bigint[], :staff::bigint[]) AS t (service, staff)
WHERE d.company_id = :company_id AND d.service_id = t.service AND d.staff_id = t.staff;

-- name: put_doers
INSERT INTO staff_services AS d (company_id, service_id, staff_id, duration_minutes)
SELECT :company_id, t.service, t.staff, t.minutes
FROM unnest(:services::bigint[], :staff::bigint[], :minutes::integer[]) AS t (service, staff, minutes)
ON CONFLICT (company_id, staff_id, service_id) DO UPDATE
SET duration_minutes = excluded.duration_minutes;

-- name: staff_with_hours
SELECT h.staff_id, h.weekday, h.opens, h.closes FROM staff_hours h
JOIN staff t ON t.company_id = :company_id AND t.staff_id = h.staff_id
WHERE h.company_id = :company_id AND starts_with(t.external_key, :prefix);

-- name: forget_hours
DELETE FROM staff_hours h USING staff t
WHERE h.company_id = :company_id AND t.company_id = :company_id AND t.staff_id = h.staff_id
  AND starts_with(t.external_key, :prefix);

-- name: put_hours
INSERT INTO staff_hours (company_id, staff_id, weekday, opens, closes)
SELECT :company_id, t.staff, t.weekday, t.opens, t.closes
FROM unnest(:staff::bigint[], :weekdays::smallint[], :opens::time[], :closes::time[])
     AS t (staff, weekday, opens, closes);
