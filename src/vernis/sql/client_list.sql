-- name: listed
-- Some clients in the order of their ids, with what is known of them; those of a text, or all.
SELECT c.client_id, c.external_key, c.name, c.surname, c.phone, c.phone_state, c.consent,
       c.blacklisted, c.declined_at, c.created_at, d.last_visit_on, s.title AS service_title,
       d.interval_days, d.interval_source, d.due_on,
       d.last_visit_on + d.low_days AS opens_on, d.last_visit_on + d.high_days AS closes_on,
       coalesce(d.visit_count, 0) AS visit_count, coalesce(d.spent_minor, 0) AS spent_minor
FROM clients c
LEFT JOIN client_due_dates d ON d.company_id = :company_id AND d.client_id = c.client_id
LEFT JOIN services s ON s.company_id = :company_id AND s.service_id = d.service_id
WHERE c.company_id = :company_id AND c.erased_at IS NULL AND c.client_id > :after
  AND (:likes::text IS NULL OR concat_ws(' ', c.name, c.surname, c.name) ILIKE :likes
       OR c.external_key ILIKE :likes)
  AND (:due_before::date IS NULL OR d.due_on < :due_before)
ORDER BY c.client_id LIMIT :most;
