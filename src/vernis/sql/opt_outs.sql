-- name: among
SELECT phone_hash FROM opt_outs
WHERE company_id = :company_id AND phone_hash = ANY(:keys::bytea[]);

-- name: stop
INSERT INTO opt_outs (company_id, phone_hash, source, created_at)
SELECT :company_id, key, :source, :now FROM unnest(:keys::bytea[]) AS t (key)
ON CONFLICT DO NOTHING;

-- name: cancel_reactivations
-- Everything queued for these phones, in the same transaction as the opt-out.
-- One that may have left already (a repeat of a doubtful call) is unknown, not skipped.
UPDATE client_reactivation_history
SET state = CASE WHEN claimed_at IS NULL THEN 'skipped' ELSE 'unknown' END, reason = 'opted_out',
    updated_at = :now
WHERE company_id = :company_id AND phone = ANY(:phones::text[])
  AND state IN ('planned', 'written');

-- name: cancel_answers
UPDATE messages m SET state = 'skipped' FROM dialogs g
WHERE m.company_id = :company_id AND g.company_id = :company_id AND g.dialog_id = m.dialog_id
  AND (g.phone = ANY(:phones::text[]) OR g.lid = :lid)
  AND m.direction = 'out' AND m.state = 'written';

-- name: dialogs_of
SELECT dialog_id, lid, state FROM dialogs
WHERE company_id = :company_id AND (phone = :phone OR lid = :lid) FOR UPDATE;

-- name: take_back
DELETE FROM opt_outs
WHERE company_id = :company_id AND phone_hash = ANY(:keys::bytea[])
  AND (:of_source::text IS NULL OR source = :of_source);

-- name: open_dialog
UPDATE dialogs SET state = :state, waiting_since = NULL, waiting_why = NULL, updated_at = :now
WHERE company_id = :company_id AND dialog_id = :dialog_id;

-- name: carry_over
INSERT INTO opt_outs (company_id, phone_hash, source, created_at)
SELECT company_id, :phone_key, source, created_at FROM opt_outs
WHERE company_id = :company_id AND phone_hash = :lid_key
ON CONFLICT DO NOTHING;
