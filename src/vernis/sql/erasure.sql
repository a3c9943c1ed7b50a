-- name: one_at_a_time
-- The lock of imports and syncs: neither may bring back what is being erased.
SELECT pg_advisory_xact_lock(hashtext('vernis.import'), :company_id::integer);

-- name: lock_clients
-- FOR UPDATE keeps out a plan that has chosen them and has not stored its rows yet.
SELECT client_id, external_key, phone, lid, surname FROM clients
WHERE company_id = :company_id AND client_id = ANY(:clients::bigint[])
ORDER BY client_id FOR UPDATE;

-- name: phones
-- Every number under which they are known here, and who else has it.
WITH known AS (
    SELECT client_id, phone FROM clients
    WHERE company_id = :company_id AND client_id = ANY(:clients::bigint[]) AND phone IS NOT NULL
    UNION
    SELECT client_id, phone FROM client_reactivation_history
    WHERE company_id = :company_id AND client_id = ANY(:clients::bigint[])
      AND NOT starts_with(phone, '999')
    UNION
    SELECT client_id, phone FROM dialogs
    WHERE company_id = :company_id AND client_id = ANY(:clients::bigint[]) AND phone IS NOT NULL)
SELECT client_id, phone,
       (SELECT count(*) FROM clients o
        WHERE o.company_id = :company_id AND o.phone = known.phone AND o.erased_at IS NULL
          AND NOT (o.client_id = ANY(:clients::bigint[])))
FROM known ORDER BY phone;

-- name: lock_dialogs
SELECT dialog_id, client_id, lid FROM dialogs
WHERE company_id = :company_id
  AND (client_id = ANY(:clients::bigint[]) OR phone = ANY(:own::text[]) OR lid = ANY(:lids::text[]))
ORDER BY dialog_id FOR UPDATE;

-- name: lock_messages
-- A message whose call is under way comes back to its row: whoever asks has to wait.
SELECT dialog_id FROM (
    SELECT dialog_id, state FROM messages
    WHERE company_id = :company_id AND dialog_id = ANY(:dialogs::bigint[])
    ORDER BY message_id FOR UPDATE) AS locked
WHERE state = 'claimed';

-- name: lock_reactivations
SELECT client_id FROM (
    SELECT client_id, state FROM client_reactivation_history
    WHERE company_id = :company_id
      AND (client_id = ANY(:clients::bigint[]) OR phone = ANY(:own::text[]))
    ORDER BY id FOR UPDATE) AS locked
WHERE state = 'claimed';

-- name: cancel_reactivations
-- One that may have left already (a repeat of a doubtful call) is unknown, not skipped.
UPDATE client_reactivation_history
SET state = CASE WHEN claimed_at IS NULL THEN 'skipped' ELSE 'unknown' END, reason = :reason,
    updated_at = :now
WHERE company_id = :company_id AND state IN ('planned', 'written')
  AND (client_id = ANY(:clients::bigint[]) OR phone = ANY(:own::text[]));

-- name: blank_reactivations
-- What was decided, when, and what it earned stays; who it was and every word are gone. 999 is no
-- country's code: such a number reaches nobody. A channel's id may have the phone in it.
UPDATE client_reactivation_history
SET phone = '999' || lpad(id::text, 12, '0'),
    message_text = CASE WHEN message_text IS NOT NULL THEN '' END, message_generated = NULL,
    message_times = NULL, response_text = NULL, rejected_because = NULL,
    provider_message_id = NULL, settled_at = coalesce(settled_at, :now), updated_at = :now
WHERE company_id = :company_id AND NOT starts_with(phone, '999')
  AND (client_id = ANY(:clients::bigint[]) OR phone = ANY(:own::text[]));

-- name: delete_intents
DELETE FROM booking_intents
WHERE company_id = :company_id AND client_id = ANY(:clients::bigint[]);

-- name: count_messages
SELECT count(*) FROM messages
WHERE company_id = :company_id AND dialog_id = ANY(:dialogs::bigint[]);

-- name: delete_dialogs
-- With their messages and booking intents.
DELETE FROM dialogs WHERE company_id = :company_id AND dialog_id = ANY(:dialogs::bigint[]);

-- name: delete_sandbox
DELETE FROM sandbox_messages WHERE company_id = :company_id AND phone = ANY(:own::text[]);

-- name: delete_reach
DELETE FROM reach WHERE company_id = :company_id AND phone = ANY(:own::text[]);

-- name: delete_rejects
-- What the CRM told of them, and whatever quotes them.
DELETE FROM crm_rejects
WHERE company_id = :company_id
  AND (entity = 'clients' AND external_id = ANY(:external_ids::text[])
       OR EXISTS (SELECT FROM unnest(:needles::text[]) AS t (needle)
                  WHERE strpos(lower(reason || ' ' || external_id), needle) > 0));

-- name: delete_notices
DELETE FROM notices
WHERE company_id = :company_id
  AND EXISTS (SELECT FROM unnest(:needles::text[]) AS t (needle)
              WHERE strpos(lower(details::text), needle) > 0);

-- name: blank_answers
-- What was asked with a key stays done; what it was answered is told no more. Answers are sealed, so
-- that which of them speak of the client cannot be seen: all of the company's.
UPDATE idempotency_keys SET answer = '{}'
WHERE company_id = :company_id AND answer IS NOT NULL AND answer <> '{}';

-- name: blank_imports
UPDATE imports SET file_name = 'erased', counts = counts || '{"file": "erased"}'
WHERE company_id = :company_id
  AND EXISTS (SELECT FROM unnest(:needles::text[]) AS t (needle)
              WHERE strpos(lower(file_name || ' ' || counts::text), needle) > 0);

-- name: uploads
-- Files that were given to the pages: whoever is in them is in them in many ways.
SELECT upload_id, folder FROM uploads
WHERE company_id = :company_id AND state <> 'reading' ORDER BY upload_id FOR UPDATE;

-- name: close_uploads
UPDATE uploads SET state = CASE WHEN state = 'given' THEN 'failed' ELSE state END,
    fault = CASE WHEN state = 'given' THEN :fault ELSE fault END, changed_at = :now
WHERE company_id = :company_id AND upload_id = ANY(:uploads::bigint[]) AND state = 'given';

-- name: keep_stops
-- From now on, whatever there was: what they wrote until now is not taken in again either.
INSERT INTO opt_outs (company_id, phone_hash, source, created_at)
SELECT :company_id, key, 'erasure', :now FROM unnest(:keys::bytea[]) AS t (key)
ON CONFLICT (company_id, phone_hash) DO UPDATE SET source = excluded.source,
    created_at = excluded.created_at;

-- name: blank_clients
UPDATE clients c
SET external_key = coalesce(t.key, c.external_key), name = NULL, surname = NULL, phone = NULL,
    phone_state = 'missing', lid = NULL, gender = NULL, timezone = NULL, declined_at = NULL,
    remind_on = NULL, erased_at = coalesce(c.erased_at, :now),
    consent = CASE WHEN :wished THEN 'refused' ELSE c.consent END,
    consent_source = CASE WHEN :wished THEN 'erasure' ELSE c.consent_source END,
    consent_on = CASE WHEN :wished AND c.consent_source IS DISTINCT FROM 'erasure'
                      THEN :today::date ELSE c.consent_on END
FROM unnest(:clients::bigint[], :external_keys::text[]) AS t (client_id, key)
WHERE c.company_id = :company_id AND c.client_id = t.client_id;

-- name: crm
SELECT crm FROM crm_connections WHERE company_id = :company_id;

-- name: erased_keys
-- Under which keys people were erased at their wish. Whoever's opt-out was taken back may return.
SELECT 'erased:' || encode(phone_hash, 'hex') FROM opt_outs
WHERE company_id = :company_id AND source = 'erasure'
UNION
SELECT external_key FROM clients
WHERE company_id = :company_id AND starts_with(external_key, 'erased:key:');
