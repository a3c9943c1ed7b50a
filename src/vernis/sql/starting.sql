-- name: begun_by
-- As the dispatcher: a company of this name that this person has begun to set up.
SELECT c.company_id FROM companies c JOIN memberships m USING (company_id)
WHERE m.user_id = :user_id AND m.role = 'owner' AND lower(c.name) = lower(:name)
  AND c.started_at IS NULL ORDER BY c.company_id LIMIT 1;

-- name: unfinished
-- As the dispatcher: all that this person has begun to set up.
SELECT c.company_id, c.name FROM companies c JOIN memberships m USING (company_id)
WHERE m.user_id = :user_id AND m.role = 'owner' AND c.started_at IS NULL ORDER BY c.company_id;

-- name: hold
UPDATE companies SET started_at = NULL WHERE company_id = :company_id;

-- name: describe
UPDATE companies
SET name = :name, country = :country, timezone = :timezone, currency = :currency,
    locale = :locale, consent_required = :consent_required
WHERE company_id = :company_id;

-- name: standing
SELECT (SELECT count(*) FROM clients WHERE company_id = :company_id AND erased_at IS NULL)
           AS clients,
       (SELECT count(*) FROM clients WHERE company_id = :company_id AND phone IS NOT NULL
           AND erased_at IS NULL) AS with_phone,
       (SELECT count(*) FROM clients WHERE company_id = :company_id AND consent = 'given'
           AND erased_at IS NULL) AS with_consent,
       v.visits, v.first_visit_on, v.last_visit_on,
       EXISTS (SELECT FROM crm_connections WHERE company_id = :company_id
               AND state = 'connected') AS has_crm,
       EXISTS (SELECT FROM audit_log WHERE company_id = :company_id
               AND action = 'start.consent') AS consent_said,
       EXISTS (SELECT FROM audit_log WHERE company_id = :company_id
               AND action = 'start.rules') AS rules_said
FROM (SELECT count(*) AS visits, min(on_date) AS first_visit_on, max(on_date) AS last_visit_on
      FROM bookings WHERE company_id = :company_id AND state = 'completed') AS v;

-- name: begin
UPDATE companies SET started_at = :now, approval_until = :approval_until
WHERE company_id = :company_id AND started_at IS NULL;
