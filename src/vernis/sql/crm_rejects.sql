-- name: keep
INSERT INTO crm_rejects (company_id, entity, external_id, reason, rejected_at)
SELECT DISTINCT ON (t.id) :company_id, :entity, t.id, t.reason, :now
FROM unnest(:ids::text[], :reasons::text[]) AS t (id, reason) ORDER BY t.id, t.reason
ON CONFLICT (company_id, entity, external_id) DO UPDATE
SET reason = excluded.reason, rejected_at = excluded.rejected_at;

-- name: taken
DELETE FROM crm_rejects
WHERE company_id = :company_id AND entity = :entity AND external_id = ANY(:ids::text[]);

-- name: listed
SELECT entity, external_id, reason, rejected_at, count(*) OVER (PARTITION BY entity)
FROM crm_rejects WHERE company_id = :company_id
ORDER BY entity, rejected_at DESC, external_id LIMIT :most;
