-- name: stage
CREATE TEMP TABLE staged_clients ON COMMIT DROP AS
SELECT DISTINCT ON (key) s.*
FROM jsonb_to_recordset(:rows::jsonb) AS s (
    key text, name text, surname text, phone text, phone_state text, gender text, consent text,
    blacklisted boolean, whole boolean)
ORDER BY key;

-- name: drop
DROP TABLE staged_clients;

-- name: adopt
-- Known so far from files or from another CRM, by the same phone, and nobody else has it.
UPDATE clients c SET external_key = s.key
FROM staged_clients s
WHERE c.company_id = :company_id AND c.phone = s.phone AND c.erased_at IS NULL
  AND NOT starts_with(c.external_key, :prefix)
  AND (SELECT count(*) FROM clients k WHERE k.company_id = :company_id AND k.phone = s.phone) = 1
  AND (SELECT count(*) FROM staged_clients o WHERE o.phone = s.phone) = 1
  AND NOT EXISTS (SELECT FROM clients k
                  WHERE k.company_id = :company_id AND k.external_key = s.key);

-- name: changed_phones
SELECT c.phone, s.phone FROM staged_clients s
JOIN clients c ON c.company_id = :company_id AND c.external_key = s.key
WHERE c.phone <> s.phone;

-- name: carry_stop
-- Who does not want to be written to does not want it at the new number either.
INSERT INTO opt_outs (company_id, phone_hash, source, created_at)
SELECT :company_id, t.new, o.source, o.created_at
FROM unnest(:old::bytea[], :new::bytea[]) AS t (old, new)
JOIN opt_outs o ON o.company_id = :company_id AND o.phone_hash = t.old
ON CONFLICT DO NOTHING;

-- name: merge
-- What the CRM says of a client is so, except that it takes back no refusal and no blacklisting,
-- and a name it does not know stays. Whoever it had deleted and lists again has come back; whoever
-- wished to be erased stays nobody.
INSERT INTO clients AS c
    (company_id, external_key, name, surname, phone, phone_state, gender, consent, blacklisted,
     consent_source, consent_on)
SELECT :company_id, s.key, s.name, s.surname,
       -- a glimpse of a client may leave the phone out
       CASE WHEN s.whole OR s.phone_state <> 'missing' THEN s.phone ELSE k.phone END,
       CASE WHEN s.whole OR s.phone_state <> 'missing' THEN s.phone_state
            ELSE coalesce(k.phone_state, 'missing') END,
       s.gender, coalesce(s.consent, 'unknown'), s.blacklisted,
       CASE WHEN s.consent IS NOT NULL THEN 'crm' END,
       CASE WHEN s.consent IS NOT NULL THEN :today::date END
FROM staged_clients s
LEFT JOIN clients k ON k.company_id = :company_id AND k.external_key = s.key
ORDER BY s.key
ON CONFLICT (company_id, external_key) DO UPDATE SET
    name = coalesce(excluded.name, c.name), surname = coalesce(excluded.surname, c.surname),
    phone = excluded.phone, phone_state = excluded.phone_state,
    gender = coalesce(excluded.gender, c.gender),
    consent = CASE WHEN excluded.consent = 'unknown' OR c.consent = 'refused' THEN c.consent
                   ELSE excluded.consent END,
    consent_source = CASE WHEN excluded.consent IN ('unknown', c.consent) OR c.consent = 'refused'
                          THEN c.consent_source ELSE 'crm' END,
    consent_on = CASE WHEN excluded.consent IN ('unknown', c.consent) OR c.consent = 'refused'
                      THEN c.consent_on ELSE excluded.consent_on END,
    blacklisted = c.blacklisted OR excluded.blacklisted, erased_at = NULL
WHERE (c.erased_at IS NULL OR c.consent_source IS DISTINCT FROM 'erasure')
  AND ((coalesce(excluded.name, c.name), coalesce(excluded.surname, c.surname), excluded.phone,
        excluded.phone_state, coalesce(excluded.gender, c.gender), c.blacklisted OR excluded.blacklisted)
       IS DISTINCT FROM (c.name, c.surname, c.phone, c.phone_state, c.gender, c.blacklisted)
    OR excluded.consent NOT IN ('unknown', c.consent) AND c.consent <> 'refused'
    OR c.erased_at IS NOT NULL);

-- name: add
-- Clients that a record names before their list did, or whom it has no longer.
INSERT INTO clients (company_id, external_key, name, surname, phone, phone_state, gender)
SELECT :company_id, key, name, surname, phone, phone_state, gender
FROM staged_clients ORDER BY key
ON CONFLICT (company_id, external_key) DO NOTHING;

-- name: any_of_crm
SELECT EXISTS (SELECT FROM clients
               WHERE company_id = :company_id AND starts_with(external_key, :prefix));

-- name: unseen
-- A list of all clients does not have these any more.
SELECT substr(external_key, length(:prefix) + 1) FROM clients
WHERE company_id = :company_id AND starts_with(external_key, :prefix) AND erased_at IS NULL
  AND NOT (substr(external_key, length(:prefix) + 1) = ANY(:seen::text[]));

-- name: suspect
INSERT INTO crm_rejects (company_id, entity, external_id, reason, rejected_at)
SELECT :company_id, 'clients', t.id, :reason, :now FROM unnest(:ids::text[]) AS t (id)
WHERE EXISTS (SELECT FROM clients c
              WHERE c.company_id = :company_id AND c.external_key = :prefix || t.id
                AND c.erased_at IS NULL)
ON CONFLICT (company_id, entity, external_id) DO UPDATE
SET reason = excluded.reason, rejected_at = excluded.rejected_at;

-- name: suspected
SELECT external_id FROM crm_rejects
WHERE company_id = :company_id AND entity = 'clients' AND reason = :reason
ORDER BY external_id LIMIT :most;

-- name: successors
-- Two cards were made one: what was said to the one that is gone goes on with the one that has its
-- bookings, or else its phone, where that is one and no other.
WITH gone AS (
    SELECT c.client_id, c.phone FROM clients c
    WHERE c.company_id = :company_id AND c.external_key = ANY(:keys::text[])
      AND c.erased_at IS NULL),
kept AS (
    SELECT g.client_id, b.client_id AS successor, 1 AS rank
    FROM gone g
    JOIN client_reactivation_history h ON h.company_id = :company_id AND h.client_id = g.client_id
    JOIN bookings b ON b.company_id = :company_id AND b.booking_id = h.booking_id
    WHERE b.client_id <> g.client_id
    UNION
    SELECT g.client_id, c.client_id, 2 FROM gone g
    JOIN clients c ON c.company_id = :company_id AND c.phone = g.phone AND c.erased_at IS NULL
    WHERE c.client_id NOT IN (SELECT client_id FROM gone)),
best AS (SELECT client_id, min(rank) AS rank FROM kept GROUP BY client_id)
SELECT client_id, min(successor) FROM kept JOIN best USING (client_id, rank)
GROUP BY client_id HAVING count(DISTINCT successor) = 1;

-- name: inherit_dialogs
UPDATE dialogs d SET client_id = t.new
FROM unnest(:old::bigint[], :new::bigint[]) AS t (old, new)
WHERE d.company_id = :company_id AND d.client_id = t.old;

-- name: inherit_reactivations
-- A lapse has each attempt once, and a client one open reactivation: what does not fit stays.
UPDATE client_reactivation_history h SET client_id = t.new, updated_at = :now
FROM unnest(:old::bigint[], :new::bigint[]) AS t (old, new)
WHERE h.company_id = :company_id AND h.client_id = t.old
  AND NOT EXISTS (SELECT FROM client_reactivation_history o
                  WHERE o.company_id = :company_id AND o.client_id = t.new
                    AND (o.last_visit_date = h.last_visit_date AND o.attempt = h.attempt
                         OR o.state IN ('planned', 'written', 'claimed')
                        AND h.state IN ('planned', 'written', 'claimed')));

-- name: inherit_consent
-- The strictest of both counts.
UPDATE clients c
SET blacklisted = c.blacklisted OR g.blacklisted,
    consent = CASE WHEN g.consent = 'refused' THEN g.consent ELSE c.consent END,
    consent_source = CASE WHEN g.consent = 'refused' THEN g.consent_source ELSE c.consent_source END,
    consent_on = CASE WHEN g.consent = 'refused' THEN g.consent_on ELSE c.consent_on END
FROM unnest(:old::bigint[], :new::bigint[]) AS t (old, new)
JOIN clients g ON g.company_id = :company_id AND g.client_id = t.old
WHERE c.company_id = :company_id AND c.client_id = t.new AND (g.blacklisted OR g.consent = 'refused');

-- name: gone
-- Deleted in the CRM. Who is still expected waits until the bookings ahead are over, cancelled or
-- somebody else's.
SELECT c.client_id, substr(c.external_key, length(:prefix) + 1) FROM clients c
WHERE c.company_id = :company_id AND c.external_key = ANY(:keys::text[]) AND c.erased_at IS NULL
  AND NOT EXISTS (SELECT FROM bookings b
                  WHERE b.company_id = :company_id AND b.client_id = c.client_id
                    AND b.state = 'booked' AND b.on_date >= :today);
