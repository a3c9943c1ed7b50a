-- name: one_at_a_time
-- The same lock as an import's: both would create the services that both name.
SELECT pg_advisory_xact_lock(hashtext('vernis.import'), :company_id::integer);

-- name: progress
SELECT entity, page, changed_after, started_at, succeeded_at, counts, error FROM crm_syncs
WHERE company_id = :company_id;

-- name: begin
INSERT INTO crm_syncs AS s (company_id, entity, page, changed_after, started_at)
SELECT :company_id, t.entity, NULL, NULL, :now FROM unnest(:entities::text[]) AS t (entity)
ON CONFLICT (company_id, entity) DO UPDATE
SET page = NULL, started_at = :now, counts = '{}',
    changed_after = CASE WHEN NOT :full THEN s.changed_after END;

-- name: prepare
-- With what a run through everything keeps between its pages.
UPDATE crm_syncs SET page = :page
WHERE company_id = :company_id AND entity = :entity AND page IS NULL;

-- name: is_ours
-- Nobody else has read a page of it since.
SELECT page IS NOT DISTINCT FROM :page::jsonb AND started_at = :started_at
       AND (succeeded_at IS NULL OR succeeded_at < started_at) FROM crm_syncs
WHERE company_id = :company_id AND entity = :entity FOR UPDATE;

-- name: turn_page
UPDATE crm_syncs SET page = :page, counts = :counts, error = NULL
WHERE company_id = :company_id AND entity = :entity;

-- name: succeed
UPDATE crm_syncs
SET page = NULL, counts = :counts, error = :error, succeeded_at = greatest(:now, started_at),
    changed_after = :changed_after
WHERE company_id = :company_id AND entity = :entity;

-- name: fail
UPDATE crm_syncs
SET error = :error,
    counts = counts || jsonb_build_object('failures', coalesce((counts->>'failures')::integer, 0) + 1)
WHERE company_id = :company_id AND entity = :entity
RETURNING (counts->>'failures')::integer;
