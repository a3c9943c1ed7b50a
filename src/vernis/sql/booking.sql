-- name: intend
INSERT INTO booking_intents (company_id, key, dialog_id, client_id, reactivation_id, service_id,
                             staff_id, starts_at, ends_at, state, action, changes)
VALUES (:company_id, :key, :dialog_id, :client_id, :reactivation_id, :service_id, :staff_id,
        :starts_at, :ends_at, 'intended', :action, :changes)
ON CONFLICT (company_id, key) DO NOTHING;

-- name: intended
SELECT i.action, i.changes, i.starts_at, i.ends_at, i.staff_id, s.name AS staff_name,
       i.service_id, v.title AS service_title
FROM booking_intents i
LEFT JOIN staff s ON s.company_id = i.company_id AND s.staff_id = i.staff_id
LEFT JOIN services v ON v.company_id = i.company_id AND v.service_id = i.service_id
WHERE i.company_id = :company_id AND i.key = :key AND i.state <> 'refused';

-- name: confirm
UPDATE booking_intents SET state = 'confirmed', booking_id = :booking_id
WHERE company_id = :company_id AND key = :key;

-- name: refuse
-- Under another key, so that the same turn may intend something else.
UPDATE booking_intents i
SET state = 'refused', key = i.key || '-' || (
    SELECT count(*) FROM booking_intents o
    WHERE o.company_id = i.company_id AND starts_with(o.key, i.key || '-'))
WHERE i.company_id = :company_id AND i.key = :key AND i.state = 'intended';
