-- name: silence
-- What we had offered is void: a later "yes" answers the person.
UPDATE dialogs
SET person_at = :now, silent_until = greatest(silent_until, :silent_until), updated_at = :now,
    state = CASE WHEN state->>'state' IN ('stopped', 'handed_over') THEN state
                 ELSE state || '{"state": "idle", "offered": [], "own": [], "purpose": null,
                                 "services": [], "wish": null}' END
WHERE company_id = :company_id AND dialog_id = :dialog_id;

-- name: leave_to_person
UPDATE messages SET state = 'handled'
WHERE company_id = :company_id AND dialog_id = :dialog_id AND direction = 'in'
  AND state = 'received';

-- name: take_back_answers
-- The assistant's: what a person wrote on a page leaves.
UPDATE messages SET state = 'skipped'
WHERE company_id = :company_id AND dialog_id = :dialog_id AND direction = 'out'
  AND state = 'written' AND claimed_at IS NULL AND kind <> 'staff';
