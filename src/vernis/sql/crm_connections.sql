-- name: lock_connecting
-- Two that connect the same salon of a CRM at once.
SELECT pg_advisory_xact_lock(hashtext('vernis.crm_connections'));

-- name: connection_at
-- As the dispatcher: whose calendar this is.
SELECT company_id FROM crm_connections
WHERE crm = :crm AND external_id = :external_id
ORDER BY state <> 'connected', company_id LIMIT 1;

-- name: get
SELECT company_id, crm, external_id, sealed_token, settings, state, reason, connected_at,
       next_sync_at
FROM crm_connections WHERE company_id = :company_id;

-- name: forget_other
-- Another salon than the one before: how far that one was read says nothing.
DELETE FROM crm_connections
WHERE company_id = :company_id AND (crm, external_id) <> (:crm, :external_id);

-- name: connect
INSERT INTO crm_connections AS c (company_id, crm, external_id, sealed_token, settings, connected_at,
                                  next_sync_at)
VALUES (:company_id, :crm, :external_id, :sealed_token, :settings, :now, :now)
ON CONFLICT (company_id) DO UPDATE SET
    sealed_token = excluded.sealed_token, settings = excluded.settings, state = 'connected',
    reason = NULL, connected_at = excluded.connected_at, next_sync_at = excluded.next_sync_at;

-- name: disconnect
UPDATE crm_connections SET state = 'disconnected', reason = :reason, sealed_token = NULL
WHERE company_id = :company_id AND state = 'connected';

-- name: mark_disconnected
UPDATE crm_connections SET state = 'disconnected', reason = :reason
WHERE company_id = :company_id AND state = 'connected';

-- name: claim
-- For so long nobody else begins; a process that died is followed after that.
UPDATE crm_connections SET next_sync_at = :until
WHERE company_id = :company_id AND state = 'connected' AND (NOT :only_due OR next_sync_at <= :now);

-- name: finish
-- What was asked for in between is not forgotten.
UPDATE crm_connections
SET next_sync_at = CASE WHEN next_sync_at >= :until THEN :next ELSE least(next_sync_at, :next) END
WHERE company_id = :company_id AND state = 'connected';

-- name: ask_for_sync
UPDATE crm_connections SET next_sync_at = least(next_sync_at, :now)
WHERE company_id = :company_id AND state = 'connected';
